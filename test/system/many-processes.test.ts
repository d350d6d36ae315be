import { after, before, describe } from 'node:test'
import { startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { allPromises } from './promises/all-promises.ts'
import { deletedAccounts } from './promises/deleted-accounts.ts'

describe('two replicas of each service on MariaDB and Redis', () => {
  let world: ManyProcesses
  before(async () => {
    world = await startManyProcesses()
  })
  after(() => world.stop())
  for (const promise of [deletedAccounts(() => world), ...allPromises]) promise(() => world)
})
