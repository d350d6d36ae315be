import { test } from 'node:test'
import { gatewayCost } from '../prove/gateway-cost.ts'

test('a proxied request costs a small multiple of what it costs nginx', async (t) => {
  t.diagnostic(JSON.stringify(await gatewayCost.run(gatewayCost.small)))
})
