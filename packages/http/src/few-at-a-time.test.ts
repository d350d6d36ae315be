import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { heard } from '@gatehouse/testing/heard.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { fewAtATime } from './few-at-a-time.ts'
import { limits } from './limits.ts'
import { listen } from './listen.ts'

const options = { host: '127.0.0.1', port: 0, speaker: 'gateway', newRequestId: () => 'id' } as const

/** Counts what happens in each turn of the event loop; the most of one is asked for at the end. */
const turns = () => {
  let [inThisOne, most] = [0, 0]
  const next = (): void => {
    inThisOne = 0
    setImmediate(next).unref()
  }
  next()
  return {
    count: () => {
      inThisOne += 1
      most = Math.max(most, inThisOne)
    },
    most: () => most,
  }
}

test('things are done in their order, so many in a turn, also those that come meanwhile', async () => {
  const { count, most } = turns()
  const soon = fewAtATime(3)
  const done: number[] = []
  const give = (thing: number): void =>
    soon(() => {
      count()
      done.push(thing)
      if (thing < 5) give(thing + 10)
    })
  for (let thing = 0; thing < 10; thing += 1) give(thing)
  assert.deepEqual(done, [])
  await waitFor(() => done.length === 15, { what: 'all of them' })
  assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  assert.equal(most(), 3)
})

const begin = (port: number, bytes: string): Socket => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(bytes)
  return socket
}

const crowd = 60
const few = { ...limits, cutsPerTurnMax: 2, lingerMs: 60_000 }
const refused = /^HTTP\/1\.1 408 [^]*connection: close\r\n[^]*"code":"request-timeout"/

test('of heads whose time is over together a few are cut in a turn, and a request that comes is served between', async () => {
  const { count, most } = turns()
  const served: (string | undefined)[] = []
  let cut = 0
  const server = await listen(
    (req, res) => {
      if (cut < crowd) served.push(req.url)
      res.end()
    },
    {
      ...options,
      limits: { ...few, headersTimeoutMs: 500 },
      observe: () => {
        count()
        cut += 1
        if (cut > 1) return
        honest.write('GET /between HTTP/1.1\r\nHost: a\r\n\r\n')
        // Its time was over before it sent the rest.
        late?.write('\r\n\r\n')
      },
    },
  )
  // Has been served before: a connection without a word yet is as slow as the others.
  const honest = begin(server.port, 'GET /before HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(honest, 'data')
  const slow = Array.from({ length: crowd }, () => begin(server.port, 'GET /slow HTTP/1.1\r\nHost: a'))
  const late = slow.at(-1)
  for (const text of await Promise.all(slow.map(heard))) assert.match(text, refused)
  assert.deepEqual(served, ['/before', '/between'])
  assert.equal(most(), few.cutsPerTurnMax)
  // Each is read again once it is cut: that its client has closed too is noticed, and its last words are no reset.
  await waitFor(() => server.openConnections() === 1, { what: 'all of the slow to be gone' })
  honest.destroy()
  await server.drain(0)
})

test('of bodies that are too slow together a few are cut in a turn, and one that arrives by then is served', async () => {
  const { count, most } = turns()
  let cut = 0
  const server = await listen(
    (req, res: ServerResponse) => {
      req.resume().on('end', () => res.end('whole'))
      res.on('close', () => {
        if (res.writableFinished) return
        count()
        cut += 1
        if (cut === 1) last?.write('x')
      })
    },
    { ...options, limits: { ...few, bodyGraceMs: 500, bodyBytesPerSecondMin: 1_000 } },
  )
  const slow = Array.from({ length: crowd }, () =>
    begin(server.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nx'),
  )
  // The list of those under way begins with the newest.
  const last = slow[0]
  const [whole, ...others] = await Promise.all(slow.map(heard))
  assert.match(whole ?? '', /^HTTP\/1\.1 200 [^]*whole$/)
  for (const text of others) assert.match(text, refused)
  assert.equal(most(), few.cutsPerTurnMax)
  await server.drain(0)
})

test('of answers that wait too long together a few are cut in a turn, and a request that comes is served between', async () => {
  const { count, most } = turns()
  let cut = 0
  const served: (string | undefined)[] = []
  const much = Buffer.alloc(5_000_000)
  const server = await listen(
    (req, res) => {
      if (req.url !== '/much') {
        if (cut < crowd) served.push(req.url)
        res.end()
        return
      }
      res.on('close', () => {
        count()
        cut += 1
        if (cut === 1) honest.write('GET /between HTTP/1.1\r\nHost: a\r\n\r\n')
      })
      res.write(much)
    },
    { ...options, limits: { ...few, answerStallMs: 500, answerHaltMs: 60_000 } },
  )
  const honest = begin(server.port, 'GET /before HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(honest, 'data')
  const deaf = Array.from({ length: crowd }, () => begin(server.port, 'GET /much HTTP/1.1\r\nHost: a\r\n\r\n').pause())
  await waitFor(() => cut === crowd, { what: 'all of them to be cut' })
  assert.deepEqual(served, ['/before', '/between'])
  assert.equal(most(), few.cutsPerTurnMax)
  for (const socket of [honest, ...deaf]) socket.destroy()
  await server.drain(0)
})
