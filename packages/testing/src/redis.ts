import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { findOrInstall } from './programs.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'

/** A Redis (or Valkey) of one's own. */
export type TestRedis = ServerProcess & { readonly url: string; readonly port: number }

/** Starts an empty Redis on a free port; its data live in memory only. */
export const startRedis = async (): Promise<TestRedis> => {
  const program = findOrInstall(['redis-server', 'valkey-server'], 'redis-server')
  if (program === undefined) throw new Error(redisMissing)
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-redis-'))
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--requirepass', password]
  const server = await startServerProcess({
    program,
    args: [...args, '--save', '', '--appendonly', 'no', '--databases', '16', '--io-threads', '1'],
    folder,
    isReady: () => answersPing(port, password),
  })
  return { ...server, url: `redis://:${password}@127.0.0.1:${port}/0`, port }
}

/**
 * A Redis for a test that breaks nothing: one of its own, or the one `TEST_REDIS_URL` names where none can be
 * started.
 */
export const freshRedis = async (): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> => {
  const given = process.env['TEST_REDIS_URL']
  const canStart = findOrInstall(['redis-server', 'valkey-server'], 'redis-server') !== undefined
  if (!canStart && given !== undefined) return { url: given, stop: async () => {} }
  return await startRedis()
}

const redisMissing = `No redis-server or valkey-server here, and it cannot be installed without root and apt-get.
One of these lines is needed; the tests that kill and pause a server need the first.
  sudo apt-get install redis-server
  TEST_REDIS_URL=redis://127.0.0.1:6379/0 make test`

const answersPing = (port: number, password: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    let answer = ''
    socket.setTimeout(1_000, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer.includes('+PONG')))
    socket.on('data', (data) => {
      answer += data.toString('latin1')
      if (answer.includes('+PONG') || answer.includes('-')) socket.destroy()
    })
  })
