import { startBetterAuth } from './better-auth.ts'
import { startHouse } from './house.ts'
import { oneProcess } from './one-process.ts'
import { startReference } from './reference.ts'
import type { Starter } from './run-bench.ts'
import { threeProcesses } from './three-processes.ts'

/** Everyone who has accounts, by the name they can be asked for. */
export const allSystems: readonly Starter[] = [
  { name: oneProcess.name, start: () => startHouse(oneProcess) },
  { name: threeProcesses.name, start: () => startHouse(threeProcesses) },
  { name: 'reference', start: () => startReference() },
  { name: 'better-auth', start: startBetterAuth },
]
