import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientOf, get, serving } from './lane/testing.ts'

for (const [what, before] of [
  ['a request', get('/first')],
  ['a request with a body', 'POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'],
] as const) {
  test(`what stands behind ${what} whose answer closes the connection is never executed`, async () => {
    const executed: string[] = []
    await using server = await serving(
      (req, res) => {
        executed.push(req.url ?? '')
        res.writeHead(400, ['connection', 'close', 'content-length', '0'])
        res.end()
      },
      { lane: false },
    )
    const client = clientOf(server)
    client.socket.write(before + get('/behind'))
    await client.ended()
    assert.deepEqual(executed, ['/first'])
  })
}
