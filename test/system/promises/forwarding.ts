import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { fieldsOf, type Answer } from '../client.ts'
import { expectProblem } from '../expect.ts'
import { rawExchange } from '../raw-exchange.ts'
import { secretMark } from '../world.ts'
import type { PromiseSuite } from './promise.ts'

/** What goes through the gateway arrives as it was sent, both ways, but for what belongs to each connection. */
export const forwarding: PromiseSuite = (world) => {
  describe('forwarding', () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      test(`${method} arrives with its path, query, cookies, headers and body`, async () => {
        const { gateway, ownService } = world()
        const cookie = `a=1; b=${secretMark}cookie`
        const target = `/own/some/path?x=1&x=2&y=%20%2F+&empty=&token=${secretMark}query`
        const headers = [
          'Cookie',
          cookie,
          'X-Custom',
          'one',
          'x-custom',
          'two',
          'Content-Type',
          'application/octet-stream',
        ]
        const body = Buffer.from([0, 255, 1, 254])
        const answer = await gateway.ask(method, target, { headers, ...(method === 'GET' ? {} : { body }) })
        assert.equal(answer.status, 200)
        const call = ownService.calls().at(-1)
        assert.deepEqual([call?.method, call?.url], [method, target])
        const received = (name: string) => fieldsOf(call?.rawHeaders ?? [], name)
        assert.deepEqual(received('cookie'), [cookie])
        assert.deepEqual(received('x-custom').join(', '), 'one, two')
        assert.deepEqual(received('content-type'), ['application/octet-stream'])
        if (method !== 'GET') assert.deepEqual(call?.body(), body)
      })
    }

    test('the service hears who called, under what name, and by which request id; nobody else may say so', async () => {
      const { gateway, ownService } = world()
      const lies = [
        'X-Forwarded-For',
        '6.6.6.6',
        'x_forwarded_for',
        '6.6.6.6',
        'Forwarded',
        'for=6.6.6.6',
        'X-Real-IP',
        '6.6.6.6',
      ]
      const identity = ['X-User-Id', 'me', 'x_user_id', 'me', 'X_Session-Id', 'me']
      const answer = await gateway.get('/own/echo', { headers: [...lies, ...identity, 'X-Request-Id', 'chosen-1'] })
      const received = ownService.calls().at(-1)?.rawHeaders ?? []
      assert.deepEqual(fieldsOf(received, 'x-forwarded-for'), ['127.0.0.1'])
      assert.deepEqual(fieldsOf(received, 'x-forwarded-proto'), ['http'])
      assert.deepEqual(fieldsOf(received, 'x-forwarded-host'), [new URL(gateway.origin).host])
      assert.deepEqual(fieldsOf(received, 'x-request-id'), ['chosen-1'])
      assert.equal(answer.headers['x-request-id'], 'chosen-1')
      const { host } = new URL(gateway.origin)
      assert.deepEqual(fieldsOf(received, 'forwarded'), [`for=127.0.0.1;host="${host}";proto=http`])
      for (const name of ['x_forwarded_for', 'x-real-ip', 'x-user-id', 'x_user_id', 'x_session-id']) {
        assert.deepEqual(fieldsOf(received, name), [], name)
      }
    })

    test('fault, hop-by-hop headers forwarded: on the way in', async () => {
      const { gateway, ownService } = world()
      const hops = [
        'Keep-Alive',
        'timeout=9',
        'TE',
        'trailers',
        'Proxy-Authorization',
        `Basic ${secretMark}proxy`,
        'Proxy-Connection',
        'x',
      ]
      await gateway.get('/own/echo', {
        headers: ['Connection', 'close, X-Private', 'X-Private', '1', ...hops, 'X-Public', '1'],
      })
      const received = ownService.calls().at(-1)?.rawHeaders ?? []
      for (const name of [
        'keep-alive',
        'te',
        'proxy-authorization',
        'proxy-connection',
        'x-private',
        'upgrade',
        'transfer-encoding',
      ]) {
        assert.deepEqual(fieldsOf(received, name), [], name)
      }
      assert.deepEqual(fieldsOf(received, 'x-public'), ['1'])
      // What stands in `Connection` now is about the gateway's own connection.
      assert.ok(!fieldsOf(received, 'connection').join().toLowerCase().includes('x-private'))
    })

    test('fault, hop-by-hop headers forwarded: on the way out, and no name of a software', async () => {
      const answer = await world().gateway.get('/own/hop-by-hop')
      assert.deepEqual([answer.status, answer.text], [200, 'ok'])
      for (const name of ['x-private', 'proxy-authenticate', 'server', 'x-powered-by']) {
        assert.deepEqual(fieldsOf(answer.rawHeaders, name), [], name)
      }
      assert.ok(!fieldsOf(answer.rawHeaders, 'keep-alive').includes('timeout=5'))
      assert.deepEqual(fieldsOf(answer.rawHeaders, 'x-public'), ['1'])
    })

    test('no redirect is followed', async () => {
      const { gateway, ownService } = world()
      const before = ownService.calls().length
      const answer = await gateway.get('/own/moved')
      assert.deepEqual([answer.status, answer.headers.location], [302, '/elsewhere'])
      assert.equal(ownService.calls().length, before + 1)
    })

    test('every cookie that is set arrives, each in its own field', async () => {
      const answer = await world().gateway.get('/own/cookies')
      assert.deepEqual(fieldsOf(answer.rawHeaders, 'set-cookie'), ['a=1; Path=/', 'b=2; HttpOnly'])
    })

    test('fault, a compressed answer with the wrong header: bytes, encoding and length go together', async () => {
      const answer = await world().gateway.get('/own/compressed', { headers: ['Accept-Encoding', 'gzip'] })
      assert.equal(answer.headers['content-encoding'], 'gzip')
      assert.equal(answer.headers['content-length'], `${answer.bytes.length}`)
      assert.equal(gunzipSync(answer.bytes).toString(), '{"said":"compressed"}')
    })

    test('an answer without a body, and a HEAD, end at once', async () => {
      const { gateway } = world()
      const nothing = await gateway.get('/own/no-content')
      assert.deepEqual([nothing.status, nothing.bytes.length], [204, 0])
      const head = await gateway.ask('HEAD', '/own/compressed')
      assert.deepEqual([head.status, head.bytes.length, head.headers['content-encoding']], [200, 0, 'gzip'])
    })

    test("a service's own trouble is told in its own words", async () => {
      const answer = await world().gateway.get('/own/server-error')
      assert.deepEqual([answer.status, answer.headers['content-type'], answer.text], [500, 'text/plain', 'own trouble'])
    })

    test('a body of many megabytes passes whole', async () => {
      const body = randomBytes(8 * 1024 * 1024)
      const answer = await world().gateway.post('/own/digest', { body })
      assert.equal(answer.text, createHash('sha256').update(body).digest('hex'))
    })

    test('a request streams in: the service has its first half before the second is sent', async () => {
      const { gateway, ownService } = world()
      const { req, answer } = gateway.open('POST', '/own/echo', ['Transfer-Encoding', 'chunked'])
      req.write('first half')
      await waitFor(() => ownService.calls().at(-1)?.body().toString() === 'first half', { what: 'the first half' })
      req.end(', second half')
      assert.equal((await answer()).status, 200)
      assert.equal(ownService.calls().at(-1)?.body().toString(), 'first half, second half')
    })

    test('an answer streams out: the client has its first event before the second is made', async () => {
      const { gateway, ownService } = world()
      const { req, head } = gateway.open('GET', '/own/stream')
      req.end()
      const res = await head
      assert.equal(res.headers['content-type'], 'text/event-stream')
      let received = ''
      res.on('data', (chunk: Buffer) => (received += chunk.toString()))
      await waitFor(() => received === 'data: first\n\n', { what: 'the first event' })
      ownService.release()
      await waitFor(() => received === 'data: first\n\ndata: second\n\n' && res.complete, {
        what: 'the second event, and the end',
      })
    })

    test('an answer that breaks off ends broken, never clean', async () => {
      await assert.rejects(world().gateway.get('/own/half'), /aborted|ECONNRESET|socket hang up/)
    })

    test('a client that leaves takes its request to the service with it', async () => {
      const { gateway, ownService } = world()
      const before = ownService.calls().length
      const { req } = gateway.open('GET', '/own/silent')
      req.end()
      await waitFor(() => ownService.calls().length > before, { what: 'the request to arrive' })
      const call = ownService.calls().at(-1)
      req.destroy()
      await waitFor(() => call?.abandoned() === true, { what: 'the service to hear of it' })
    })

    test('a prefix means whole segments, the longest one wins, and is taken off where that was asked for', async () => {
      const { gateway, ownService } = world()
      assert.equal((await gateway.get('/ownx/echo')).status, 404)
      const seen = async (path: string): Promise<string | undefined> => {
        assert.equal((await gateway.get(path)).status, 200)
        return ownService.calls().at(-1)?.url
      }
      assert.equal(await seen('/own/stripped/a/b?c=d'), '/a/b?c=d')
      assert.equal(await seen('/own/strippedx/a'), '/own/strippedx/a')
      assert.equal(await seen('/own'), '/own')
    })

    test('two requests on one connection get two answers', async () => {
      const { gateway } = world()
      const { text } = await rawExchange(
        gateway.origin,
        'GET /own/echo?1 HTTP/1.1\r\nHost: a\r\n\r\nGET /own/echo?2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      )
      assert.deepEqual(text.match(/"url":"[^"]*"/g), ['"url":"/own/echo?1"', '"url":"/own/echo?2"'])
    })

    test('a hundred at once get each their own answer', async () => {
      const { gateway, otherGateway } = world()
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, at): Promise<Answer> =>
          (at % 2 === 0 ? gateway : otherGateway).get(`/own/echo?${at}`),
        ),
      )
      assert.deepEqual(
        answers.map(({ json }) => json['url']),
        answers.map((_, at) => `/own/echo?${at}`),
      )
    })

    test('a path that two could read in two ways reaches no service', async () => {
      const { gateway, ownService } = world()
      const before = ownService.calls().length
      for (const path of [
        '/own/../auth/login',
        '/own/%2e%2e/x',
        '/own//x',
        '/own/a%2Fb',
        '/own/a\\b',
        '/own/%zz',
        '/own/%00',
      ]) {
        const answer = await rawExchange(gateway.origin, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
        assert.deepEqual([answer.status, answer.problem['code']], [400, 'malformed-request'], path)
      }
      assert.equal(ownService.calls().length, before)
    })

    test('an operation of a service is refused in the same words through the gateway', async () => {
      const answer = await world().gateway.get('/users/profile')
      expectProblem(answer, { status: 401, code: 'token-missing', speaker: 'service', title: 'Token is missing!' })
    })
  })
}
