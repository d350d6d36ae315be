import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnProcess, type RunningProcess } from '@gatehouse/testing/processes.ts'

/** The environment of a process: all of it, for nothing is inherited but PATH. */
export type Environment = Readonly<Record<string, string>>

type Plan = { readonly target: string; readonly env: Environment; readonly folder: string }

/** One process of ours. */
export type Served = RunningProcess & {
  /** Waits until it is ready. */
  readonly ready: (timeoutMs?: number) => Promise<void>
}

/** Starts `./gatehouse serve` as its users do; its log lies in the folder. */
export const serve = async ({ target, env, folder }: Plan): Promise<Served> => {
  const adminPort = await freePort()
  // Into a file: a pipe's other end would be work for whoever reads it, and make us wait for them.
  const script = `exec ./gatehouse serve --target=${target} >>"${join(folder, target)}.log"`
  const all = { ...env, ADMIN_PORT: String(adminPort) }
  const life = spawnProcess('/bin/sh', ['-c', script], { cwd: house, env: all, folder })
  return {
    ...life,
    ready: (timeoutMs) =>
      life.waitForUrl(`http://127.0.0.1:${adminPort}/readyz`, { status: 200, ...(timeoutMs && { timeoutMs }) }),
  }
}

/** Runs `./gatehouse migrate` to its end. */
export const migrate = async (env: Environment): Promise<void> => {
  const migration = spawnProcess('./gatehouse', ['migrate'], { cwd: house, env })
  const { code } = await migration.ended()
  if (code !== 0) throw new Error(`migrate ended with ${code}:\n${migration.output()}`)
}

const house = fileURLToPath(new URL('../../', import.meta.url))
