import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { say, startGateway, startServer } from '../testing.ts'

const opened = async (bodyBytesMax: number) => {
  const bodies: string[] = []
  const service = await startServer(async (req, res) => {
    bodies.push(await text(req).catch(() => 'broken off'))
    res.end('taken')
  })
  const gateway = await startGateway({
    ownRoutes: [{ prefix: '/up', upstreams: [service.url], access: 'public', bodyBytesMax }],
  })
  return { bodies, port: gateway.port, resources: [gateway, service] }
}

const head = 'POST /up HTTP/1.1\r\nHost: gate.test\r\n'
const chunk = (size: number): string => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`
const answered = (heard: string): boolean => heard.endsWith('taken')

for (const [what, bytesMax, request, body] of [
  ['of exactly the limit', 5, `${head}Content-Length: 5\r\n\r\nxxxxx`, 'xxxxx'],
  ['in chunks that make exactly the limit', 5, `${chunked}${chunk(2)}${chunk(3)}0\r\n\r\n`, 'xxxxx'],
  ['of nothing, where nothing is taken', 0, `${head}Content-Length: 0\r\n\r\n`, ''],
] as const) {
  test(`a body ${what} goes on`, async () => {
    await using resources = new AsyncDisposableStack()
    const { bodies, port, resources: used } = await opened(bytesMax)
    for (const each of used) resources.use(each)
    assert.match((await say(port, request, answered)).text, /^HTTP\/1\.1 200 /)
    assert.deepEqual(bodies, [body])
  })
}

test('a body that says it is too large is refused unread, the connection is closed, and nobody hears of it', async () => {
  await using resources = new AsyncDisposableStack()
  const { bodies, port, resources: used } = await opened(5)
  for (const each of used) resources.use(each)
  const heard = await say(port, `${head}Content-Length: 6\r\n\r\n`)
  assert.match(heard.text, /^HTTP\/1\.1 413 [^]*connection: close[^]*"code":"body-too-large"/i)
  assert.equal(heard.end, 'end')
  assert.deepEqual(bodies, [])
})

for (const [what, request] of [
  ['in one packet with its head', `${chunked}${chunk(6)}`],
  ['piece by piece', `${chunked}${chunk(3)}${chunk(3)}`],
  ['of more than is buffered', `${chunked}${chunk(3)}${chunk(1_000_000)}`],
] as const) {
  test(`a chunked body that has become too large is refused: ${what}`, async () => {
    await using resources = new AsyncDisposableStack()
    const { bodies, port, resources: used } = await opened(5)
    for (const each of used) resources.use(each)
    const heard = await say(port, request, (text) => text.includes('body-too-large'))
    assert.match(heard.text, /^HTTP\/1\.1 413 [^]*connection: close/i)
    assert.ok(!bodies.some((body) => body.includes('x')), 'no service has taken it for whole')
  })
}
