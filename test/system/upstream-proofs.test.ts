import { test } from 'node:test'
import { canaries } from '../prove/canaries.ts'
import { upstreamKilled } from '../prove/upstream-killed.ts'

test('one of two upstreams is killed under load, and no GET fails', async (t) => {
  t.diagnostic(JSON.stringify(await upstreamKilled.run(upstreamKilled.small)))
})

test('nobody is given a byte of another one, whatever is killed, aborted or lied about beside them', async (t) => {
  t.diagnostic(JSON.stringify(await canaries.run(canaries.small)))
})
