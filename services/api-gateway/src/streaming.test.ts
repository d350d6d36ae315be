import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { networked, startGateway, startServer } from './testing.ts'

const bodyBytes = 200 * 1024 * 1024
const piece = Buffer.alloc(64 * 1024, 'gatehouse ')

/**
 * What all buffers on the way may hold while the reader does not read: those of the kernel, five sockets' worth, are
 * most of it.
 */
const heldBytesMax = 40 * 1024 * 1024

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

/** Reads everything, and says how many bytes that was and how much memory the process took at most. */
const readAll = async (from: Readable): Promise<{ readonly bytes: number; readonly peakBytes: number }> => {
  let bytes = 0
  let peakBytes = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes % (4 * 1024 * 1024) < chunk.length) peakBytes = Math.max(peakBytes, process.memoryUsage().rss)
  }
  return { bytes, peakBytes }
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
  const before = process.memoryUsage().rss
  const { bytes, peakBytes } = await readAll(answer)
  assert.equal(bytes, bodyBytes)
  assert.ok(peakBytes - before < 150 * 1024 * 1024, `${peakBytes - before} bytes more than before`)
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
  const before = process.memoryUsage().rss
  const { bytes, peakBytes } = await readAll(req)
  assert.equal(bytes, bodyBytes)
  assert.ok(peakBytes - before < 150 * 1024 * 1024, `${peakBytes - before} bytes more than before`)
})
