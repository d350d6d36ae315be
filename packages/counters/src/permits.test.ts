import { permitsSuite } from './permits-suite.ts'
import { memoryPermits } from './testing/memory-permits.ts'

permitsSuite('permits in memory', () => memoryPermits(() => performance.now()))
