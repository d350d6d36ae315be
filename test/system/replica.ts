import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnNode, type RunningProcess } from '@gatehouse/testing/processes.ts'
import { clientOf } from './client.ts'
import type { Replica, Role } from './world.ts'

/** The environment of a process: all of it, for nothing is inherited but PATH. */
export type Environment = Readonly<Record<string, string>>

type Plan = {
  readonly role: Role
  readonly port: number
  readonly adminPort: number
  readonly env: Environment
}

/** The checkout. */
const house = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Runs a command of Gatehouse: `serve`, `migrate`. A hundred processes start in these tests: Node keeps what it has
 * compiled, in the place it would choose itself, which saves a quarter of each start.
 */
export const gatehouse = (args: readonly string[], env: Environment): RunningProcess =>
  spawnNode(
    ['platform/src/main.ts', ...args],
    { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...env },
    { cwd: house },
  )

/** A replica that has not been started yet. */
export const replica = ({ role, port, adminPort, env }: Plan): Replica => {
  const lives: RunningProcess[] = []
  const admin = clientOf(`http://127.0.0.1:${adminPort}`)
  const spawn = (): RunningProcess => {
    const life = gatehouse(['serve', `--target=${role}`], env)
    lives.push(life)
    return life
  }
  return {
    role,
    client: clientOf(`http://127.0.0.1:${port}`),
    admin,
    process: () => {
      const last = lives.at(-1)
      if (last === undefined) throw new Error(`${role} was never started`)
      return last
    },
    spawn,
    start: () => spawn().waitForUrl(`${admin.origin}/readyz`, { status: 200 }),
    kill: async () => {
      await lives.at(-1)?.kill()
    },
    logs: () => lives.map((life) => life.output()).join('\n'),
  }
}
