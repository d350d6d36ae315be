import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startGateway } from '../testing.ts'
import { closeFrame } from './frame-boundary.ts'
import { shake, startSwitchingServer, switching, type Shaken } from './testing.ts'

type Limits = NonNullable<Parameters<typeof startGateway>[0]>['limits']

/** A WebSocket through a gateway, with both of its ends in hand. */
const opened = async (limits?: Limits) => {
  const upstream = await startSwitchingServer()
  const ownRoutes = [{ prefix: '/live', upstreams: [upstream.url], access: 'public', stripPrefix: false }] as const
  const gateway = await startGateway({ ownRoutes, ...(limits === undefined ? {} : { limits }) })
  const client: Shaken = await shake(gateway, '/live')
  assert.equal(client.status, 101)
  const service: Socket = await upstream.connection(1)
  return {
    gateway,
    client,
    service,
    [Symbol.asyncDispose]: async () => {
      client.socket.destroy()
      await gateway[Symbol.asyncDispose]()
      await upstream[Symbol.asyncDispose]()
    },
  }
}

/** What a socket has received, as it comes. */
const listening = (socket: Socket): (() => string) => {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  return () => text
}

test('bytes pass both ways as they come, and the end of the last of both is one line in the log', async () => {
  await using pair = await opened()
  const { client, service, gateway } = pair
  const heard = listening(service)
  client.socket.write('to the service')
  await waitFor(() => heard() === 'to the service', { what: 'the first words' })
  service.write('to the client')
  await waitFor(() => client.heard().toString() === 'to the client', { what: 'the answer' })
  client.socket.write(', more')
  await waitFor(() => heard() === 'to the service, more', { what: 'more words' })
  assert.deepEqual([gateway.observed.length, gateway.webSockets()], [0, 1])
  service.end()
  client.socket.end()
  const { status, code, bytesIn, bytesOut, method, route, path } = await gateway.observation(1)
  assert.deepEqual([method, route, path, status, code], ['GET', '/live', '/live', 101, undefined])
  assert.deepEqual([bytesIn, bytesOut, gateway.webSockets()], [20, 13, 0])
})

test('what the service says together with its 101 is not lost', async () => {
  await using upstream = await startSwitchingServer((req) => `${switching(req)}first words`)
  const ownRoutes = [{ prefix: '/live', upstreams: [upstream.url], access: 'public', stripPrefix: false }] as const
  await using gateway = await startGateway({ ownRoutes })
  const client = await shake(gateway, '/live')
  await waitFor(() => client.heard().toString() === 'first words', { what: 'the first words' })
  client.socket.destroy()
})

test('what a client says before the 101 waits for it, and is not lost', async () => {
  await using upstream = await startSwitchingServer()
  const ownRoutes = [{ prefix: '/live', upstreams: [upstream.url], access: 'public', stripPrefix: false }] as const
  await using gateway = await startGateway({ ownRoutes })
  const client = await shake(gateway, '/live', { after: 'too early' })
  const heard = listening(await upstream.connection(1))
  await waitFor(() => heard() === 'too early', { what: 'the early words' })
  client.socket.destroy()
})

for (const [who, other] of [
  ['client', 'service'],
  ['service', 'client'],
] as const) {
  test(`an end of the ${who} is an end for the ${other}, which may go on talking`, async () => {
    await using pair = await opened()
    const [from, to] = who === 'client' ? [pair.client.socket, pair.service] : [pair.service, pair.client.socket]
    to.allowHalfOpen = true
    from.allowHalfOpen = true
    const last = listening(from)
    listening(to)
    const end = Promise.withResolvers<void>()
    to.once('end', end.resolve)
    from.end('over')
    await end.promise
    to.end('and out')
    await waitFor(() => last() === 'and out', { what: 'the last words' })
    assert.equal((await pair.gateway.observation(1)).code, undefined)
  })

  test(`a reset by the ${who} is a reset for the ${other}`, async () => {
    await using pair = await opened()
    const [from, to] = who === 'client' ? [pair.client.socket, pair.service] : [pair.service, pair.client.socket]
    const broken = Promise.withResolvers<NodeJS.ErrnoException>()
    to.once('error', broken.resolve).resume()
    from.resetAndDestroy()
    assert.equal((await broken.promise).code, 'ECONNRESET')
    const { code } = await pair.gateway.observation(1)
    assert.equal(code, who === 'client' ? 'client-left' : 'upstream-failed')
  })

  test(`a ${who} that talks to a ${other} who does not listen is held back`, async () => {
    await using pair = await opened()
    const [from, to] = who === 'client' ? [pair.client.socket, pair.service] : [pair.service, pair.client.socket]
    to.removeAllListeners('data').pause()
    const size = 64 * 1024 * 1024
    let sent = 0
    const piece = Buffer.alloc(65_536)
    const push = (): void => {
      while (sent < size) {
        sent += piece.length
        if (!from.write(piece)) {
          from.once('drain', push)
          return
        }
      }
      from.end()
    }
    push()
    let last = -1
    let still = 0
    await waitFor(
      () => {
        still = sent === last ? still + 1 : 0
        last = sent
        return still > 10
      },
      { what: 'the talker to be held back' },
    )
    // Kernel buffers of four sockets are nearly all of it.
    assert.ok(sent < 24 * 1024 * 1024, `${sent} bytes were taken while nobody listened`)
    let received = 0
    to.on('data', (chunk: Buffer) => (received += chunk.length)).resume()
    await waitFor(() => received === size, { what: 'the rest' })
  })
}

test('silence is bounded: the client is told, and both sides are closed', async () => {
  await using pair = await opened({ webSocketIdleMs: 40 })
  const { client, service, gateway } = pair
  service.resume()
  await waitFor(() => client.ended() === 'end', { what: 'the end' })
  assert.deepEqual(client.heard(), closeFrame(3008, 'websocket-idle'))
  await waitFor(() => service.readableEnded, { what: 'the end for the service' })
  assert.equal((await gateway.observation(1)).code, 'websocket-idle')
})

test('one that talks is not idle, in whichever direction', async () => {
  await using pair = await opened({ webSocketIdleMs: 400 })
  const { client, service } = pair
  const heard = listening(service)
  const started = performance.now()
  for (const [from, length] of [
    [service, () => client.heard().length],
    [client.socket, () => heard().length],
  ] as const) {
    for (let at = 1; performance.now() - started < 900 || at === 1; at += 1) {
      from.write('.')
      await waitFor(() => length() >= at, { what: 'a word' })
    }
  }
  assert.equal(client.ended(), undefined)
})

test('a side that never closes is cut some time after the other has', async () => {
  await using pair = await opened({ webSocketCloseMs: 40 })
  const { client, service, gateway } = pair
  service.resume()
  service.allowHalfOpen = true
  client.socket.end()
  assert.equal((await gateway.observation(1)).code, 'upstream-failed')
})

test('a process that stops says goodbye, opens no more, and cuts who does not go', async () => {
  await using pair = await opened({ webSocketCloseMs: 40 })
  const { client, gateway, service } = pair
  // It never closes its own side.
  client.socket.allowHalfOpen = true
  service.resume()
  gateway.endWebSockets()
  await waitFor(() => service.readableEnded, { what: 'the end for the service' })
  await waitFor(() => client.heard().length > 0, { what: 'a close frame' })
  assert.deepEqual(client.heard(), closeFrame(1001, 'stopping'))
  const late = await shake(gateway, '/live')
  assert.equal(late.status, 503)
  assert.equal((await gateway.observation(2)).code, 'stopping')
  await waitFor(() => gateway.webSockets() === 0, { what: 'its place to be free' })
})

test('in the midst of a frame there is no goodbye, only a reset', async () => {
  await using pair = await opened()
  const { client, gateway, service } = pair
  service.write(Buffer.from([0x82, 10, 1, 2, 3]))
  await waitFor(() => client.heard().length === 5, { what: 'half a frame' })
  gateway.endWebSockets()
  await waitFor(() => client.ended() === 'reset', { what: 'a reset' })
  assert.equal(client.heard().length, 5)
})
