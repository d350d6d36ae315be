import assert from 'node:assert/strict'
import { request, type IncomingMessage } from 'node:http'
import { buffer, text } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ask, echo, ways, type Echo } from './testing-ways.ts'

for (const [way, served] of ways) {
  test(`${way}: status, fields and body come back as the service gave them`, async () => {
    await using service = await served((_req, res) => {
      res.writeHead(
        418,
        [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['X-Odd', 'caf\u00e9'],
          ['Cache-Control', 'no-store'],
        ].flat(),
      )
      res.end('short and stout')
    })
    const answer = await ask(service.gateway)
    assert.deepEqual([answer.statusCode, await text(answer)], [418, 'short and stout'])
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
    assert.deepEqual([answer.headers['x-odd'], answer.headers['cache-control']], ['caf\u00e9', 'no-store'])
    assert.equal(answer.rawHeaders.filter((name) => name.toLowerCase() === 'date').length, 1)
  })

  test(`${way}: a redirect is the client's to follow`, async () => {
    await using service = await served(
      (_req, res) => void res.writeHead(307, { location: '/auth/elsewhere?x=1' }).end(),
    )
    const answer = await ask(service.gateway, { method: 'POST', body: 'x' })
    assert.deepEqual([answer.statusCode, answer.headers.location], [307, '/auth/elsewhere?x=1'])
  })

  test(`${way}: a compressed answer stays compressed, and says so`, async () => {
    const zipped = gzipSync('the same words '.repeat(1000))
    await using service = await served(
      (_req, res) => void res.writeHead(200, { 'content-encoding': 'gzip' }).end(zipped),
    )
    const answer = await ask(service.gateway)
    assert.equal(answer.headers['content-encoding'], 'gzip')
    assert.deepEqual(await buffer(answer), zipped)
  })

  test(`${way}: answers without a body have none, and keep their fields`, async () => {
    await using service = await served((req, res) => {
      const status = Number(new URL(req.url ?? '', 'http://x').searchParams.get('status'))
      res.writeHead(status, status === 204 ? { etag: '"1"' } : { etag: '"1"', 'content-length': '1000' })
      res.end()
    })
    for (const [method, status, length] of [
      ['HEAD', 200, '1000'],
      ['GET', 204, undefined],
      ['GET', 304, '1000'],
    ] as const) {
      const answer = await ask(service.gateway, { method, path: `/auth?status=${status}` })
      assert.deepEqual([answer.statusCode, answer.headers['content-length'], await text(answer)], [status, length, ''])
      assert.equal(answer.headers.etag, '"1"')
    }
  })

  test(`${way}: an event stream arrives event by event, the head before any of them`, async () => {
    const heads = Promise.withResolvers<void>()
    const events = Promise.withResolvers<void>()
    await using service = await served(async (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.flushHeaders()
      await heads.promise
      res.write('data: 1\n\n')
      await events.promise
      res.end('data: 2\n\n')
    })
    const answer = await ask(service.gateway)
    heads.resolve()
    const stream = answer[Symbol.asyncIterator]()
    const { value: first } = (await stream.next()) as { value: Buffer }
    assert.equal(first.toString(), 'data: 1\n\n')
    events.resolve()
    const { value: second } = (await stream.next()) as { value: Buffer }
    assert.equal(second.toString(), 'data: 2\n\n')
  })

  test(`${way}: both directions stream at once`, async () => {
    await using service = await served((req, res) => void req.pipe(res))
    const sent = request(`${service.gateway.url}/auth/echo`, { method: 'POST', agent: false })
    const answered = new Promise<IncomingMessage>((resolve) => sent.once('response', resolve))
    sent.write('ping')
    const answer = await answered
    const stream = answer[Symbol.asyncIterator]()
    for (const word of ['ping', 'pong', 'pang']) {
      const { value } = (await stream.next()) as { value: Buffer }
      assert.equal(value.toString(), word)
      if (word === 'ping') sent.write('pong')
      if (word === 'pong') sent.end('pang')
    }
    assert.equal((await stream.next()).done, true)
  })

  test(`${way}: a client that leaves takes its request with it`, async () => {
    const left = Promise.withResolvers<void>()
    await using service = await served((_req, res) => {
      res.once('close', left.resolve)
      res.write('the first of many')
    })
    const answer = await ask(service.gateway)
    answer.on('error', () => {})
    answer.destroy()
    await left.promise
    const { status, code } = await service.gateway.observation(1)
    assert.deepEqual([status, code], [200, 'client-left'])
  })

  test(`${way}: 1,000 requests over 20 connections each get their own answer`, async () => {
    await using service = await served(echo)
    const numbers = Array.from({ length: 1000 }, (_, at) => at)
    const bodies = new Set<string>()
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
          const answer = await fetch(`${service.gateway.url}/auth/${number}`, {
            method: 'POST',
            body: `body of ${number}`,
          })
          const { url, body } = (await answer.json()) as Echo
          assert.deepEqual([url, body], [`/auth/${number}`, `body of ${number}`])
          bodies.add(body)
        }
      }),
    )
    assert.equal(bodies.size, 1000)
  })
}
