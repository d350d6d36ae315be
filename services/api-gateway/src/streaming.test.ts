import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { networked, say, startGateway, startServer } from './testing.ts'

const bodyBytes = 200 * 1024 * 1024
const piece = Buffer.alloc(64 * 1024, 'gatehouse ')

/**
 * What all buffers on the way may hold while the reader does not read: those of the kernel, five sockets' worth, are
 * most of it.
 */
const heldBytesMax = 40 * 1024 * 1024

/** What may be alive in buffers of all three while the body flows, of its 200 MB. */
const aliveBytesMax = 2 * 1024 * 1024

/** Writes the whole body as fast as it is taken. `written` tells how much of it was. */
const writer = (into: Writable) => {
  const progress = { written: 0 }
  const push = (): void => {
    while (progress.written < bodyBytes) {
      progress.written += piece.length
      if (!into.write(piece)) {
        into.once('drain', push)
        return
      }
    }
    into.end()
  }
  push()
  return progress
}

/** Waits until nothing more is taken, then says how much was: unchanged for many turns of the event loop. */
const stalledAt = async (progress: { readonly written: number }): Promise<number> => {
  let last = -1
  let still = 0
  await waitFor(
    () => {
      still = progress.written === last && last > 0 ? still + 1 : 0
      last = progress.written
      return still >= 10
    },
    { what: 'the writer to be held back' },
  )
  return last
}

setFlagsFromString('--expose-gc')
// V8's own, which a flag that is set late brings into new contexts only.
const collectGarbage = runInNewContext('gc') as () => void

/**
 * Reads everything, and says how many bytes that was and how many were alive at most in buffers of this process: those
 * of client, gateway and service together. Without what is only waiting to be collected: V8 lets that grow to some
 * 80 MB whatever we do, for it is the size of a body's pieces that makes it collect.
 */
const readAll = async (from: Readable): Promise<{ readonly bytes: number; readonly aliveMax: number }> => {
  let bytes = 0
  let aliveMax = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes % (8 * 1024 * 1024) >= chunk.length) continue
    collectGarbage()
    // The first leaves the buffers to a sweeper of its own; the second waits for that.
    collectGarbage()
    aliveMax = Math.max(aliveMax, process.memoryUsage().arrayBuffers)
  }
  return { bytes, aliveMax }
}

test('a download larger than memory waits for its reader, and arrives whole', async () => {
  const begun = Promise.withResolvers<{ readonly written: number }>()
  await using upstream = await startServer((_req, res) => begun.resolve(writer(res)))
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const sent = request(`${gateway.url}/auth/x`, { agent: false })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const held = await stalledAt(await begun.promise)
  assert.ok(held < heldBytesMax, `${held} bytes were taken while nobody read`)
  const { bytes, aliveMax } = await readAll(answer)
  assert.equal(bytes, bodyBytes)
  assert.ok(aliveMax < aliveBytesMax, `${aliveMax} bytes were alive`)
})

test('an upload larger than memory waits for its reader, and arrives whole', async () => {
  const arrived = Promise.withResolvers<IncomingMessage>()
  await using upstream = await startServer((req) => arrived.resolve(req))
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const sent = request(`${gateway.url}/auth/x`, { method: 'PUT', agent: false }).on('error', () => {})
  const progress = writer(sent)
  const req = await arrived.promise
  const held = await stalledAt(progress)
  assert.ok(held < heldBytesMax, `${held} bytes were taken while nobody read`)
  const { bytes, aliveMax } = await readAll(req)
  assert.equal(bytes, bodyBytes)
  assert.ok(aliveMax < aliveBytesMax, `${aliveMax} bytes were alive`)
})

test('a service that breaks off in the midst of an upload: 502, though the client has not sent everything', async () => {
  await using upstream = await startServer((req) => void req.once('data', () => req.socket.destroy()))
  await using gateway = await startGateway({ auth: networked(upstream.url) })
  const bytes = `PUT /auth/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`
  const { text } = await say(gateway.port, bytes, (heard) => heard.includes('}'))
  assert.match(text, /^HTTP\/1\.1 502 /)
  assert.match(text, /"code":"upstream-failed"/)
  assert.match(text, /^connection: close\r\n/im)
})
