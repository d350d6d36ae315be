import { counterSuite } from './counter-suite.ts'
import { localCounter } from './local-counter.ts'

counterSuite('a counter of this process alone', async (quota) => localCounter({ name: 'test', ...quota }))
