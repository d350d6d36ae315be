import { test } from 'node:test'
import { fuzz } from '../prove/fuzz.ts'

test('whatever is sent: no answer of the 5xx, no stall, and the service hears only what is whole and sound', async (t) => {
  for (const [figure, value] of Object.entries(await fuzz.run(fuzz.small))) t.diagnostic(`${figure}: ${value}`)
})
