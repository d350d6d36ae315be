import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { listening } from '@gatehouse/testing/listening.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { fastLane } from './fast-lane.ts'
import { echo, get } from './testing.ts'

test('connections without a word are handed over in their turn, once, and not if they have spoken or left by then', async (t) => {
  const waiting: (() => void)[] = []
  const handedOver: Socket[] = []
  const lane = fastLane({
    serve: echo,
    clock: { now: () => 0, monotonic: () => 0 },
    limits: { headerBytesMax: 1_000, keepAliveTimeoutMs: 1_000 },
    closeSoon: (socket) => socket.destroy(),
    soon: (thing) => void waiting.push(thing),
    handOver: (socket) => void handedOver.push(socket),
  })
  const gone: Socket[] = []
  const server = createServer((socket) => {
    socket.once('close', () => gone.push(socket))
    lane.take(socket)
  })
  const port = await listening(server)
  const [silent, speaking, leaving] = [connect(port), connect(port), connect(port)]
  t.after(() => {
    lane.stop()
    for (const socket of [silent, speaking]) socket.destroy()
    server.close()
  })
  await waitFor(() => waiting.length >= 3, { what: 'the turn of all three' })
  speaking.write(get('/1'))
  const [answer] = (await once(speaking, 'data')) as [Buffer]
  assert.match(answer.toString(), /^HTTP\/1\.1 200 /)
  leaving.destroy()
  await waitFor(() => gone.length === 1, { what: 'the end of one' })
  // Some of them twice: they are looked at again while they wait for their turn.
  await waitFor(() => waiting.length >= 6, { what: 'the second look' })
  for (const thing of waiting) thing()
  assert.deepEqual(
    handedOver.map(({ remotePort }) => remotePort),
    [silent.localPort],
  )
})
