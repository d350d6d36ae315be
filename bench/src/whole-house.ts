import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { serve, type Served } from './serve.ts'

/** All three services in one process on SQLite, as people start them. */
export type WholeHouse = {
  readonly port: number
  /** Of the life it has now. */
  readonly pid: () => number
  /** Begins another life on the same data, and answers how many milliseconds it took until `/health` was answered. */
  readonly restart: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts one with its data in a temporary folder. */
export const startWholeHouse = async (): Promise<WholeHouse> => {
  await using ending = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-whole-'))
  ending.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const env = {
    GATEWAY_PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    JWT_SECRET_KEY: randomBytes(32).toString('hex'),
    LOG_FORMAT: 'json',
  }
  const begin = async (): Promise<Served> => {
    const life = await serve({ target: 'all', env, folder })
    await life.waitForUrl(`http://127.0.0.1:${port}/health`, { status: 200 })
    return life
  }
  let life = await begin()
  ending.defer(async () => void (await life.stop()))
  const everything = ending.move()
  return {
    port,
    pid: () => life.pid,
    restart: async () => {
      await life.stop()
      const begun = performance.now()
      life = await begin()
      return performance.now() - begun
    },
    stop: () => everything.disposeAsync(),
  }
}
