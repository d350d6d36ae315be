import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnProcess, type RunningProcess } from '@gatehouse/testing/processes.ts'
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

/** Runs a command of Gatehouse as its users do: `serve`, `migrate`. The shell becomes the process. */
export const gatehouse = (args: readonly string[], env: Environment): RunningProcess =>
  spawnProcess(join(house, 'gatehouse'), args, { env, cwd: house })

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
