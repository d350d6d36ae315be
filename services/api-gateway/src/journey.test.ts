import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { networked, startGateway, startRawServer, startServer } from './testing.ts'

test('what was sent on is told with where it went, how often, how long it took and how much came back', async () => {
  await using service = await startServer((_req, res) => void setTimeout(() => res.end('x'.repeat(1_000)), 30))
  await using gateway = await startGateway({ auth: networked(service.url) })
  await (await fetch(`${gateway.url}/auth/slow`)).text()
  const { upstream, tries, bytesOut, upstreamMs = 0, queueMs = -1, durationMs } = await gateway.observation(1)
  assert.deepEqual([upstream, tries, bytesOut], [service.url, 1, 1_000])
  // A timer of Node's may fire up to a millisecond early.
  assert.ok(upstreamMs >= 28 && queueMs >= 0 && upstreamMs + queueMs <= durationMs, `${upstreamMs} ${queueMs}`)
})

test('a request that found its second origin tells of both tries and names the one that answered', async () => {
  await using service = await startServer((_req, res) => void res.end('ok'))
  const dead = `http://127.0.0.1:${await freePort()}`
  await using gateway = await startGateway({ auth: networked([dead, service.url]) })
  // Whichever of the two is taken first: of two requests one meets the dead origin.
  for (const path of ['/auth/1', '/auth/2']) assert.equal((await fetch(gateway.url + path)).status, 200)
  await gateway.observation(2)
  const told = gateway.observed.map(({ upstream, tries }) => `${upstream} ${tries}`)
  assert.deepEqual(told.toSorted(), [`${service.url} 1`, `${service.url} 2`])
})

test('an upstream that never gives a head is told with the time until it was given up', async () => {
  await using silent = await startRawServer(() => {})
  await using gateway = await startGateway({ auth: networked(silent.url, { answerHeadMs: 50 }) })
  assert.equal((await fetch(`${gateway.url}/auth/x`)).status, 504)
  const { upstreamMs = 0, bytesOut } = await gateway.observation(1)
  assert.ok(upstreamMs >= 45, `${upstreamMs}`)
  assert.equal(bytesOut, 0)
})

test('what was never sent on tells of no upstream', async () => {
  await using gateway = await startGateway()
  await fetch(`${gateway.url}/nowhere`)
  const { upstream, tries, upstreamMs, queueMs, bytesOut } = await gateway.observation(1)
  assert.deepEqual([upstream, tries, upstreamMs, queueMs, bytesOut], Array(5).fill(undefined))
})
