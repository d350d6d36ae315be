import assert from 'node:assert/strict'
import { test } from 'node:test'
import { echo, echoed, ways } from './testing-ways.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const theirs = `00-${traceId}-b7ad6b7169203331-01`
const ours = /^00-([\da-f]{32})-([\da-f]{16})-0[13]$/

/** What a service hears of the trace, and what was observed of it, when the client says this. */
type Told = { readonly heard: readonly string[]; readonly observed: string | undefined }

for (const [way, start] of ways) {
  const told = async (...headers: readonly string[]): Promise<Told> => {
    await using service = await start(echo)
    const { rawHeaders } = await echoed(service.gateway, { headers: ['Host', 'a', ...headers] })
    const { traceparent } = await service.gateway.observation(1)
    return {
      heard: rawHeaders.filter((_, at) => /^trace/i.test(rawHeaders[at - (at % 2)] ?? '')),
      observed: traceparent,
    }
  }

  test(`${way}: a service is a part of the client's trace, behind a hop that is ours`, async () => {
    const { heard, observed } = await told('Traceparent', theirs, 'tracestate', 'a=1', 'TraceState', 'b=2')
    const [, parent = '', ...rest] = heard
    assert.deepEqual(rest, ['tracestate', 'a=1,b=2'])
    assert.equal(ours.exec(parent)?.[1], traceId)
    assert.notEqual(parent, theirs)
    assert.equal(observed, parent)
  })

  for (const [what, ...headers] of [
    ['none', 'tracestate', 'a=1'],
    ['an invalid one', 'traceparent', theirs.replace('00-', 'ff-'), 'tracestate', 'a=1'],
    ['two', 'traceparent', theirs, 'traceparent', theirs, 'tracestate', 'a=1'],
  ] as const) {
    test(`${way}: a client with ${what} gets a trace of its own, without its state`, async () => {
      const { heard, observed } = await told(...headers)
      assert.equal(heard.length, 2)
      assert.match(heard[1] ?? '', ours)
      assert.ok(!heard[1]?.includes(traceId))
      assert.equal(observed, heard[1])
    })
  }

  test(`${way}: a trace goes on without a state that is too long`, async () => {
    const { heard } = await told('traceparent', theirs, 'tracestate', `a=${'x'.repeat(600)}`)
    assert.deepEqual([heard.length, ours.exec(heard[1] ?? '')?.[1]], [2, traceId])
  })
}
