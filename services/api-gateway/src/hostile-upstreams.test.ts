import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { hostileUpstreams, type HostileUpstream } from './hostile-upstreams.ts'
import { networked, openTo, startGateway, startRawServer } from './testing.ts'

/** So that what is said next is a packet of its own. */
const turn = promisify(setImmediate)

/** Is hostile to the first request, and answers all others as they deserve: with their own path. */
const startHostile = async ({ says, atLast }: HostileUpstream) => {
  let requests = 0
  let isDone = false
  const beHostile = async (socket: Socket): Promise<void> => {
    do {
      for (const bytes of says) {
        socket.write(bytes, 'latin1')
        await turn()
      }
    } while (atLast === 'repeat' && !socket.destroyed)
    if (atLast === 'end') socket.end()
    if (atLast === 'reset') {
      // What was said has to be read before the reset throws it away.
      await turn()
      await turn()
      socket.resetAndDestroy()
    }
    isDone = true
  }
  const server = await startRawServer((socket) => {
    socket.setNoDelay()
    socket.on('data', (chunk: Buffer) => {
      const asked = /^(?:GET|HEAD|POST) (\S+) /.exec(chunk.toString('latin1'))
      if (asked === null) return
      requests += 1
      const body = `own answer of ${asked[1]}`
      if (requests === 1) void beHostile(socket)
      else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
  })
  return { ...server, isDone: () => isDone }
}

/** Whether an answer is all there. */
const isComplete = (method: string) => (text: string) => {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return false
  if (method === 'HEAD' || /^HTTP\/1\.1 [23]04/.test(text)) return true
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= headEnd + 4 + Number(length)
}

const bodyOf = (text: string): string => {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  return /\r\ntransfer-encoding: chunked/i.test(text)
    ? (/^[0-9a-f]+\r\n(.*)\r\n0\r\n\r\n$/.exec(body)?.[1] ?? body)
    : body
}

const requests = {
  GET: 'GET /auth/first HTTP/1.1\r\nHost: gate.test\r\n\r\n',
  HEAD: 'HEAD /auth/first HTTP/1.1\r\nHost: gate.test\r\n\r\n',
  POST: 'POST /auth/first HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 4\r\n\r\nbody',
  stream: 'POST /auth/first HTTP/1.1\r\nHost: gate.test\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
} as const

for (const hostile of hostileUpstreams) {
  for (const method of hostile.method === undefined ? (['GET', 'POST', 'stream'] as const) : [hostile.method]) {
    const { name } = hostile
    const outcome = (method === 'stream' ? hostile.outcomeOfStream : undefined) ?? hostile.outcome
    test(`to ${method}, an upstream that ${name}: ${JSON.stringify(outcome)}, and the next one is served`, async () => {
      await using upstream = await startHostile(hostile)
      const auth = networked(upstream.url, { answerHeadMs: 100, answerPauseMs: 100, deadlineMs: 500 })
      await using gateway = await startGateway({ auth })
      let client = openTo(gateway.port)
      const text = await client.ask(requests[method], isComplete(method))
      if (outcome === 'cut') {
        assert.ok(!isComplete(method)(text), text)
        assert.equal(client.end(), 'error')
      } else {
        assert.equal(text.split(' ')[1], String(outcome.status), text)
        if ('body' in outcome) assert.equal(bodyOf(text), outcome.body)
        else assert.match(text, new RegExp(`"code":"upstream-${outcome.status === 504 ? 'timeout' : 'failed'}"`))
      }
      await waitFor(upstream.isDone, { what: 'the upstream to have said it all' })
      if (client.end() !== undefined || /connection: close/i.test(text)) {
        client.socket.destroy()
        client = openTo(gateway.port)
      }
      const next = await client.ask('GET /auth/next HTTP/1.1\r\nHost: gate.test\r\n\r\n', isComplete('GET'))
      assert.match(next, /^HTTP\/1\.1 200 OK\r\n/)
      assert.equal(bodyOf(next), 'own answer of /auth/next')
      assert.equal(auth.state().underWay, 0)
      client.socket.destroy()
    })
  }
}
