/** Where a database is, taken apart. */
export type DatabaseAddress = SqliteAddress | MysqlAddress

/** A file, relative to the working folder or absolute; `:memory:` is a database that lives as long as its handle. */
export type SqliteAddress = { readonly dialect: 'sqlite'; readonly path: string }

/** A server, an account on it, and one of its databases. */
export type MysqlAddress = {
  readonly dialect: 'mysql'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** Encrypted, and the server's certificate verified. */
  readonly tls: boolean
}

const mysqlPort = 3306

/**
 * Reads a database URL in the spellings that people have: `sqlite:///relative.db`, `sqlite:////absolute.db`,
 * `sqlite:///:memory:`, `mysql://user:password@host:port/name`, `mysql+pymysql://…`, `?tls=true`.
 *
 * @throws Error that says what is wrong and never contains the URL, because the URL contains the password.
 */
export const parseDatabaseUrl = (url: string): DatabaseAddress => {
  const [, scheme = '', rest = ''] = url.match(/^([a-z][a-z0-9+.-]*):\/\/(.*)$/is) ?? []
  switch (scheme.toLowerCase()) {
    case 'sqlite':
      return parseSqlite(rest)
    case 'mysql':
    case 'mysql+pymysql':
    case 'mariadb':
    case 'mariadb+pymysql':
      return parseMysql(rest)
    default:
      throw new Error('a database URL starts with sqlite:// or mysql://')
  }
}

const parseSqlite = (rest: string): SqliteAddress => {
  if (/[?#]/.test(rest)) throw new Error('a SQLite URL takes no parameters; write ? as %3F and # as %23')
  if (rest === ':memory:' || rest === '/:memory:') return { dialect: 'sqlite', path: ':memory:' }
  if (!rest.startsWith('/'))
    throw new Error('a SQLite URL has three slashes before a relative path, four before an absolute one')
  const path = decoded(rest.slice(1), 'path')
  if (path === '' || path.endsWith('/')) throw new Error('a SQLite URL names a file')
  if (path.includes('\0')) throw new Error('a path has no NUL')
  return { dialect: 'sqlite', path }
}

const parseMysql = (rest: string): MysqlAddress => {
  const url = asUrl(rest)
  const name = url.pathname.replace(/^\//, '')
  if (url.hostname === '') throw new Error('a MySQL URL names a host')
  if (url.username === '') throw new Error('a MySQL URL names a user')
  if (name === '' || name.includes('/'))
    throw new Error('a MySQL URL names a database: mysql://user:password@host:port/name')
  if (url.hash !== '') throw new Error('a MySQL URL has no fragment; write # as %23')
  if (url.port === '0') throw new Error('port 0 is no port to connect to')
  return {
    dialect: 'mysql',
    host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'), 'host'),
    port: url.port === '' ? mysqlPort : Number(url.port),
    user: decoded(url.username, 'user'),
    password: decoded(url.password, 'password'),
    database: decoded(name, 'database name'),
    tls: readTls(url.searchParams),
  }
}

const asUrl = (rest: string): URL => {
  const url = URL.parse(`mysql://${rest}`)
  if (url === null) {
    throw new Error(
      'the MySQL URL cannot be read; in user and password write @ as %40, : as %3A, / as %2F, # as %23, ? as %3F',
    )
  }
  return url
}

/** `charset=utf8mb4` is what pymysql wants to be told and what we always speak. */
const readTls = (parameters: URLSearchParams): boolean => {
  let tls = false
  for (const [name, value] of parameters) {
    if (name === 'charset' && value.toLowerCase() === 'utf8mb4') continue
    if (name !== 'tls' && name !== 'ssl')
      throw new Error('a MySQL URL takes the parameters tls=true and charset=utf8mb4, no others')
    if (value !== 'true' && value !== 'false') throw new Error('tls is true or false')
    tls = value === 'true'
  }
  return tls
}

const decoded = (text: string, part: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error(`the ${part} in the database URL is not percent-encoded UTF-8; write % as %25`)
  }
}
