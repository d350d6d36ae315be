import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDatabaseUrl } from './database-url.ts'

const local = { dialect: 'mysql', host: 'db', port: 3306, user: 'u', password: 'p', database: 'n', tls: false } as const

const understood = {
  'sqlite:///relative.db': { dialect: 'sqlite', path: 'relative.db' },
  'sqlite:///data/auth.db': { dialect: 'sqlite', path: 'data/auth.db' },
  'sqlite:////var/lib/auth.db': { dialect: 'sqlite', path: '/var/lib/auth.db' },
  'sqlite:///with%20space.db': { dialect: 'sqlite', path: 'with space.db' },
  'sqlite:///:memory:': { dialect: 'sqlite', path: ':memory:' },
  'sqlite://:memory:': { dialect: 'sqlite', path: ':memory:' },
  'mysql://u:p@db:3306/n': local,
  'mysql://u:p@db/n': local,
  'MYSQL://u:p@db/n': local,
  'mysql+pymysql://u:p@db/n': local,
  'mysql+pymysql://u:p@db/n?charset=utf8mb4': local,
  'mariadb://u:p@db/n': local,
  'mysql://u@db/n': { ...local, password: '' },
  'mysql://u:p%40ss%2Fw%C3%B6rd%25@db/n': { ...local, password: 'p@ss/wörd%' },
  'mysql://us%3Aer:p@db:13306/na%20me': { ...local, user: 'us:er', port: 13306, database: 'na me' },
  'mysql://u:p@[::1]:3307/n': { ...local, host: '::1', port: 3307 },
  'mysql://u:p@db/n?tls=true': { ...local, tls: true },
  'mysql://u:p@db/n?ssl=true&charset=utf8mb4': { ...local, tls: true },
}

for (const [url, address] of Object.entries(understood)) {
  test(`understands ${url}`, () => assert.deepStrictEqual(parseDatabaseUrl(url), address))
}

const refused = {
  '': /starts with sqlite/,
  'sqlite:relative.db': /starts with sqlite/,
  hunter2: /starts with sqlite/,
  'postgres://u:hunter2@db/n': /starts with sqlite/,
  'sqlite://': /three slashes/,
  'sqlite://relative.db': /three slashes/,
  'sqlite:///': /names a file/,
  'sqlite:///folder/': /names a file/,
  'sqlite:///a.db?mode=ro': /no parameters/,
  'sqlite:///a%00.db': /NUL/,
  'sqlite:///a%zz.db': /percent-encoded/,
  'mysql://': /cannot be read|names a host/,
  'mysql:///n': /names a host/,
  'mysql://db/n': /names a user/,
  'mysql://u:hunter2@db': /names a database/,
  'mysql://u:hunter2@db/': /names a database/,
  'mysql://u:hunter2@db/a/b': /names a database/,
  'mysql://u:hunter2@db:port/n': /cannot be read/,
  'mysql://u:hunter2@db:0/n': /port 0/,
  'mysql://u:hunter2@db:70000/n': /cannot be read/,
  'mysql://u:hunter2%zz@db/n': /password .* percent-encoded/,
  'mysql://u:hunter2/x@db/n': /cannot be read/,
  'mysql://u:hunter2#x@db/n': /cannot be read/,
  'mysql://u:hunter2@db/n#x': /fragment/,
  'mysql://u:hunter2@db/n?sql_mode=x': /parameters/,
  'mysql://u:hunter2@db/n?tls=yes': /true or false/,
}

for (const [url, reason] of Object.entries(refused)) {
  test(`refuses ${url || 'nothing'} and keeps the password to itself`, () => {
    assert.throws(
      () => parseDatabaseUrl(url),
      (error: Error) => reason.test(error.message) && !`${error.stack} ${String(error.cause)}`.includes('hunter2'),
    )
  })
}
