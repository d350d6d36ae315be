import { after, before, describe } from 'node:test'
import { startOneProcess } from './one-process.ts'
import { allPromises } from './promises/all-promises.ts'
import type { World } from './world.ts'

describe('one process on SQLite', () => {
  let world: World
  before(async () => {
    world = await startOneProcess()
  })
  after(() => world.stop())
  for (const promise of allPromises) promise(() => world)
})
