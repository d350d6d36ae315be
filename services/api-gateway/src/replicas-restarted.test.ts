import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { networked, startGateway, startServer } from './testing.ts'

/** Of the clock that the gateway has. */
let now: number
beforeEach(() => {
  now = 0
})
const clock = { now: () => 0, monotonic: () => now }

test('a replica that is back is asked before one that is going away, however long it had been gone', async () => {
  const port = await freePort()
  const heard: string[] = []
  let goes = false
  await using leaver = await startServer((_req, res) => {
    heard.push('leaver')
    res.writeHead(200, goes ? { connection: 'close' } : {}).end()
  })
  const auth = networked([`http://127.0.0.1:${port}`, leaver.url], { clock })
  await using gateway = await startGateway({ auth })
  const put = async (): Promise<number> => (await fetch(`${gateway.url}/auth/x`, { method: 'PUT', body: 'x' })).status
  for (; now < 60_000; now += 200) assert.equal(await put(), 200)
  assert.equal(await put(), 200, 'which may have been a trial: the next one is not due')
  assert.equal(auth.state().origins[0]?.state, 'ejected')

  await using _back = await startServer((_req, res) => {
    heard.push('back')
    res.end()
  }, port)
  goes = true
  assert.equal(await put(), 200)
  heard.length = 0
  for (let number = 0; number < 10; number += 1) assert.equal(await put(), 200)
  assert.deepEqual([heard, auth.state().origins[0]?.state], [Array(10).fill('back'), 'in-use'])
})

test('a replica that takes no connection is tried every second, not ever more seldom', async () => {
  const port = await freePort()
  await using stays = await startServer((_req, res) => void res.end('stays'))
  const auth = networked([`http://127.0.0.1:${port}`, stays.url], { clock })
  await using gateway = await startGateway({ auth })
  const ask = async (): Promise<string> => (await fetch(`${gateway.url}/auth/x`)).text()
  for (; now < 60_000; now += 200) assert.equal(await ask(), 'stays')

  await using _back = await startServer((_req, res) => void res.end('back'), port)
  now += 1_000
  assert.deepEqual(new Set([await ask(), await ask(), await ask()]), new Set(['stays', 'back']))
})
