import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gatehouseAccounts } from './gatehouse-accounts.ts'
import { serve, type Environment, type Served } from './serve.ts'
import type { AccountSystem } from './system.ts'

/** Ours, ready to be started: what it stands on is there. */
export type House = {
  readonly port: number
  /** The processes that it is, by the name they are shown under. */
  readonly targets: Readonly<Record<string, string>>
  readonly env: Environment
  readonly folder: string
  /** Servers it stands on, whose work counts too. */
  readonly servers: Readonly<Record<string, number>>
}

/** A house by its name, of which nothing is there yet: who is not asked for starts no database. */
export type HousePlan = {
  readonly name: string
  /** Makes what the house stands on; what it leaves is cleared away when the stack ends. */
  readonly lay: (ending: AsyncDisposableStack) => Promise<House>
}

/** A folder of one's own. */
export const ownFolder = async (ending: AsyncDisposableStack): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  ending.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts all processes of a house at once: none may need another to be there before it. */
export const openHouse = async ({ targets, env, folder }: House): Promise<Readonly<Record<string, Served>>> => {
  const started = await Promise.all(
    Object.entries(targets).map(async ([name, target]) => [name, await serve({ target, env, folder })] as const),
  )
  return Object.fromEntries(started)
}

/** Starts a house, ready to be measured. */
export const startHouse = async ({ name, lay }: HousePlan): Promise<AccountSystem> => {
  await using ending = new AsyncDisposableStack()
  const house = await lay(ending)
  const served = await openHouse(house)
  for (const life of Object.values(served)) ending.defer(async () => void (await life.stop()))
  await Promise.all(Object.values(served).map((life) => life.ready()))
  const everything = ending.move()
  const own = Object.entries(served).map(([name, { pid }]) => [name, pid] as const)
  return {
    name,
    port: house.port,
    processes: { ...Object.fromEntries(own), ...house.servers },
    prepare: gatehouseAccounts(house.port),
    stop: () => everything.disposeAsync(),
  }
}
