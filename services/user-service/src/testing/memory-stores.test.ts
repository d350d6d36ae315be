import { memoryStores } from './memory-stores.ts'
import { storesSuite } from './stores-suite.ts'

const open = async () => {
  const stores = memoryStores()
  return { first: stores, second: stores, close: async () => {} }
}

storesSuite('in memory', open, { modelRuns: 200 })
