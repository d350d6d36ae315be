import { test } from 'node:test'
import { rollingRestart } from '../prove/rolling-restart.ts'

test('every process is restarted, the route file changes, and no request is lost', async (t) => {
  t.diagnostic(JSON.stringify(await rollingRestart.run(rollingRestart.small)))
})
