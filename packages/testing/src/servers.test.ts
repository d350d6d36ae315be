import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readlink } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { test } from 'node:test'
import { executeSql } from './mysql-database.ts'
import { freshMysqlDatabase, startMysql } from './mysql.ts'
import { spawnNode } from './processes.ts'
import { freshRedis, startRedis } from './redis.ts'
import { waitFor } from './wait-for.ts'

test('MariaDB: a database with its own user, a kill that loses nothing, a stop that leaves nothing', async () => {
  const server = await startMysql()
  const folder = await readlink(`/proc/${server.pid()}/cwd`)
  const url = await server.createDatabase('one')
  await executeSql(url, 'create table t (id int)')
  await executeSql(url, 'insert into t values (42)')
  await server.createDatabase('two')
  await assert.rejects(executeSql(url, 'select * from two.t'), /denied/, 'a user of one database reads another')

  await server.kill()
  await assert.rejects(executeSql(url, 'select 1'), /ECONNREFUSED/)
  await server.restart()
  assert.deepEqual(
    (await executeSql(url, 'select id from t')).map((row) => row['id']),
    [42],
  )

  await server.stop()
  assert.equal(existsSync(folder), false)
  await assert.rejects(executeSql(url, 'select 1'), /ECONNREFUSED/)
})

test('a fresh database is empty, its own, and gone afterwards', async () => {
  const [first, second] = await Promise.all([freshMysqlDatabase(), freshMysqlDatabase()])
  assert.notEqual(first.url, second.url)
  assert.deepEqual(await executeSql(first.url, 'show tables'), [])
  await Promise.all([first.drop(), second.drop()])
  await assert.rejects(executeSql(first.url, 'select 1'))
})

test('Redis: asks for its password, and comes back empty on the same port', async () => {
  const server = await startRedis()
  const { password } = new URL(server.url)
  assert.match(await redis(server.port, 'PING'), /NOAUTH/)
  assert.match(await redis(server.port, `AUTH ${password}\r\nSET a b`), /\+OK\r\n\+OK/)
  await server.restart()
  assert.match(await redis(server.port, `AUTH ${password}\r\nGET a`), /\+OK\r\n\$-1/)
  await server.stop()
})

test('a fresh Redis is empty, and nobody else uses it', async () => {
  const [first, second] = await Promise.all([freshRedis(), freshRedis()])
  assert.notEqual(first.url, second.url)
  await Promise.all([first.stop(), second.stop()])
})

test('servers and their folders end with a test process that is killed', async () => {
  const script = `
    const { startRedis } = await import('${import.meta.dirname}/redis.ts')
    const server = await startRedis()
    console.log('port', server.port, 'pid', server.pid())
    setInterval(() => {}, 1000)`
  const parent = spawnNode(['--input-type=module', '-e', script])
  const [, port, pid] = await parent.waitForLine(/port (\d+) pid (\d+)/)
  const folder = await readlink(`/proc/${pid}/cwd`)
  await parent.kill()
  await waitFor(async () => !existsSync(folder), { what: 'the folder to go' })
  await assert.rejects(redis(Number(port), 'PING'), /ECONNREFUSED/)
})

const redis = async (port: number, command: string): Promise<string> => {
  const socket = createConnection(port, '127.0.0.1')
  socket.end(`${command}\r\nQUIT\r\n`)
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  await once(socket, 'close')
  return answer
}
