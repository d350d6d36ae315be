import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ask, echo, echoed, ways, type Echo } from './testing-ways.ts'
import { say } from './testing.ts'

for (const [way, served] of ways) {
  test(`${way}: method, path, query, cookies and body arrive as they were sent`, async () => {
    await using service = await served(echo)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const path = '/auth/a;v=1/%C3%A9?x=%2F..%2F&x=[]&y'
      const body = method === 'GET' ? '' : `{"method":"${method}"}`
      const headers = { cookie: 'a=1; b="2"', 'content-length': Buffer.byteLength(body) }
      const heard = await echoed(service.gateway, { method, path, body, headers })
      assert.deepEqual(
        [heard.method, heard.url, heard.body, heard.headers['cookie']],
        [method, path, body, 'a=1; b="2"'],
      )
    }
  })

  test(`${way}: a body without a length arrives whole`, async () => {
    await using service = await served(echo)
    const body = ['one,', 'two,', 'x'.repeat(100_000)]
    const heard = await echoed(service.gateway, { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body })
    assert.equal(heard.body, body.join(''))
    assert.ok(
      'transfer-encoding' in heard.headers || 'content-length' in heard.headers,
      'a service must see that a body comes',
    )
  })

  test(`${way}: trailers do not reach a service`, async () => {
    const trailers = Promise.withResolvers<readonly unknown[]>()
    await using service = await served(async (req, res) => {
      const body = await text(req)
      trailers.resolve([body, req.rawTrailers, { ...req.trailers }, { ...req.trailersDistinct }])
      res.end()
    })
    await say(
      service.gateway.port,
      'POST /auth/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '5\r\nhello\r\n0\r\nX-User-Id: mallory\r\nx_session_id: mallory\r\n\r\n',
      (heard) => heard.includes(' 200 '),
    )
    assert.deepEqual(await trailers.promise, ['hello', [], {}, {}])
  })

  test(`${way}: nobody but the gateway says who is calling, or from where`, async () => {
    await using service = await served(echo)
    const lies = [
      'x-user-id',
      'X-USER-ID',
      'x_user_id',
      'X_Session_Id',
      'x-session-id',
      'X-Forwarded-For',
      'x_forwarded_host',
      'Forwarded',
    ]
    const headers = [
      'Host',
      'gate.test',
      ...lies.flatMap((name) => [name, 'mallory']),
      'Connection',
      'close, X-User-Id, x-forwarded-for',
    ]
    const heard = await echoed(service.gateway, { headers })
    assert.ok(!JSON.stringify(heard).includes('mallory'))
    assert.equal(heard.headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(heard.headers['x-forwarded-host'], 'gate.test')
    assert.equal(heard.headers['x-forwarded-proto'], 'http')
    assert.notEqual(heard.headers['host'], 'gate.test')
  })

  test(`${way}: what concerns the client's connection does not arrive`, async () => {
    await using service = await served(echo)
    const headers = ['Host', 'gate.test', 'Connection', 'close, X-Mine', 'X-Mine', '1', 'Keep-Alive', 'timeout=5']
    headers.push(
      'TE',
      'trailers',
      'Upgrade',
      'h2c',
      'Proxy-Authorization',
      'Basic x',
      'Proxy-Connection',
      'keep-alive',
      'X-Kept',
      '2',
    )
    const { headers: heard } = await echoed(service.gateway, { headers })
    for (const name of ['x-mine', 'keep-alive', 'te', 'upgrade', 'proxy-authorization', 'proxy-connection']) {
      assert.equal(heard[name], undefined, name)
    }
    assert.equal(heard['x-kept'], '2')
  })

  test(`${way}: a request to change protocols is answered as if it had not asked`, async () => {
    await using service = await served(echo)
    const headers = ['Host', 'gate.test', 'Connection', 'Upgrade', 'Upgrade', 'TLS/1.0', 'Sec-WebSocket-Key', 'eA==']
    const { headers: heard } = await echoed(service.gateway, { headers })
    assert.deepEqual([heard['upgrade'], heard['sec-websocket-key']], [undefined, 'eA=='])
  })

  test(`${way}: fields that are said twice arrive as node:http joins them`, async () => {
    await using service = await served(echo)
    const headers = [
      'Host',
      'gate.test',
      'Accept',
      'a/b',
      'accept',
      'c/d',
      'Cookie',
      'a=1',
      'cookie',
      'b=2',
      'User-Agent',
      'x',
      '__proto__',
      'y',
    ]
    const { headers: heard } = await echoed(service.gateway, { headers })
    assert.deepEqual([heard['accept'], heard['cookie'], heard['user-agent']], ['a/b, c/d', 'a=1; b=2', 'x'])
  })

  test(`${way}: one id goes to the service and back`, async () => {
    await using service = await served(echo)
    const answer = await ask(service.gateway, { headers: { 'x-request-id': 'order-7' } })
    const heard = JSON.parse(await text(answer)) as Echo
    assert.deepEqual([answer.headers['x-request-id'], heard.headers['x-request-id']], ['order-7', 'order-7'])
    assert.equal((await service.gateway.observation(1)).requestId, 'order-7')
  })
}
