import { test, type TestContext } from 'node:test'
import { fuzz } from '../prove/fuzz.ts'
import type { Proof } from '../prove/proof.ts'
import { slowClients } from '../prove/slow-clients.ts'

const small = async <Size>(t: TestContext, { run, small }: Proof<Size>): Promise<void> => {
  for (const [figure, value] of Object.entries(await run(small))) t.diagnostic(`${figure}: ${value}`)
}

test('whatever is sent: no answer of the 5xx, no stall, and the service hears only what is whole and sound', (t) =>
  small(t, fuzz))

test('a thousand slow clients are cut in time, and nobody else has to wait for them', (t) => small(t, slowClients))
