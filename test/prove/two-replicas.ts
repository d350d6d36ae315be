import { fileURLToPath } from 'node:url'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnNode, type RunningProcess } from '@gatehouse/testing/processes.ts'

/** Two processes of one service, which can be killed and come back. */
export type TwoReplicas = {
  readonly urls: readonly [string, string]
  /** `kill -9` of one, the other one the next time; resolves when it is back. */
  readonly killOne: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts both. */
export const startTwoReplicas = async (): Promise<TwoReplicas> => {
  const ports = [await freePort(), await freePort()] as const
  const running: [RunningProcess, RunningProcess] = [echoReplica(ports[0]), echoReplica(ports[1])]
  await Promise.all(running.map((each) => each.waitForLine(/listening/)))
  let kills = 0
  return {
    urls: [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`],
    killOne: async () => {
      const which = kills % 2 === 0 ? 0 : 1
      kills += 1
      await running[which].kill()
      running[which] = echoReplica(ports[which])
      await running[which].waitForLine(/listening/)
    },
    stop: async () => {
      await Promise.all(running.map((each) => each.kill()))
    },
  }
}

/** Starts one that breaks the rules of HTTP on this port. */
export const startHostileReplica = async (port: number): Promise<RunningProcess> => {
  const replica = spawnNode([program, String(port), 'hostile'])
  await replica.waitForLine(/listening/)
  return replica
}

const program = fileURLToPath(new URL('echo-replica.ts', import.meta.url))

const echoReplica = (port: number): RunningProcess => spawnNode([program, String(port)])
