import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestHead, type RequestHead } from './request-head.ts'

const read = (
  text: string,
  last?: RequestHead,
): Omit<RequestHead, 'fields' | 'isRepeated' | 'behindCredential'> | undefined => {
  const head = requestHead(Buffer.from(text, 'latin1'), last)
  return head && { method: head.method, target: head.target, rawHeaders: head.rawHeaders }
}

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`

for (const [what, text, head] of [
  [
    'what a browser says',
    lines('GET /a/b?c=d%20e HTTP/1.1', 'Host: gate.test:8080', 'Accept: */*', 'Cookie: a=b; c="d"'),
    {
      method: 'GET',
      target: '/a/b?c=d%20e',
      rawHeaders: ['Host', 'gate.test:8080', 'Accept', '*/*', 'Cookie', 'a=b; c="d"'],
    },
  ],
  [
    'white space around and inside of values',
    lines('HEAD / HTTP/1.1', 'host:a', 'X: \t b \t c\t ', 'Y:', 'Z: \t '),
    { method: 'HEAD', target: '/', rawHeaders: ['host', 'a', 'X', 'b \t c', 'Y', '', 'Z', ''] },
  ],
  [
    'a connection that is to be kept, and a token',
    lines('DELETE /x HTTP/1.1', 'CONNECTION: Keep-Alive', 'Host: a', 'authorization: Bearer a.b.c'),
    {
      method: 'DELETE',
      target: '/x',
      rawHeaders: ['CONNECTION', 'Keep-Alive', 'Host', 'a', 'authorization', 'Bearer a.b.c'],
    },
  ],
  [
    'every sign that a name may have, and what is said twice',
    lines("OPTIONS /!$&'()*+,;=:@-._~ HTTP/1.1", 'Host: a', "!#$%&'*+-.^_`|~1a: 1", 'X: 1', 'X: 2'),
    {
      method: 'OPTIONS',
      target: "/!$&'()*+,;=:@-._~",
      rawHeaders: ['Host', 'a', "!#$%&'*+-.^_`|~1a", '1', 'X', '1', 'X', '2'],
    },
  ],
] as const) {
  test(`is read: ${what}`, () => assert.deepEqual(read(text), head))
}

const good = lines('GET / HTTP/1.1', 'Host: a', 'X: y')

for (const [what, text] of [
  ['nothing', ''],
  ['a head that is not complete', good.slice(0, -2)],
  ['a head that is one byte short', good.slice(0, -1)],
  ['bytes behind the head', `${good}G`],
  ['two requests', good + good],
  ['an empty line before it', `\r\n${good}`],
  ['a method that may have a body', good.replace('GET', 'POST')],
  ['a method in lower case', good.replace('GET', 'get')],
  ['a method that nobody knows', good.replace('GET', 'GOT')],
  ['the absolute form', good.replace('/', 'http://a/')],
  ['the asterisk form', good.replace('GET /', 'OPTIONS *')],
  ['a fragment', good.replace('/', '/#a')],
  ['a quote in the target', good.replace('/', '/"')],
  ['brackets in the target', good.replace('/', '/?a[]=1')],
  ['a backslash in the target', good.replace('/', '/\\')],
  ['a letter that is not ASCII in the target', good.replace('/', '/\xe9')],
  ['no target', good.replace(' / ', ' ')],
  ['two spaces', good.replace(' /', '  /')],
  ['a tab in the request line', good.replace(' /', '\t/')],
  ['HTTP/1.0', good.replace('1.1', '1.0')],
  ['HTTP/1.2', good.replace('1.1', '1.2')],
  ['another protocol', good.replace('HTTP', 'HTTQ')],
  ['a space behind the version', good.replace('1.1', '1.1 ')],
  ['lines that end in LF', good.replaceAll('\r\n', '\n')],
  ['one line that ends in LF', good.replace('a\r\n', 'a\n')],
  ['one line that ends in CR', good.replace('a\r\n', 'a\r')],
  ['a CR in a value', good.replace('y', 'y\ry')],
  ['a NUL in a value', good.replace('y', 'y\0y')],
  ['a control character in a value', good.replace('y', 'y\x0b')],
  ['a DEL in a value', good.replace('y', 'y\x7f')],
  ['a letter that is not ASCII in a value', good.replace('y', 'y\xe9')],
  ['a folded line', good.replace('y', 'y\r\n z')],
  ['a space before the colon', good.replace('X:', 'X :')],
  ['a space before a name', good.replace('X:', ' X:')],
  ['a name of nothing', good.replace('X:', ':')],
  ['a line without a colon', good.replace('X: y', 'X')],
  ['a bracket in a name', good.replace('X:', 'X(:')],
  ['no Host', good.replace('Host', 'Hose')],
  ['two Hosts', good.replace('X: y', 'host: a')],
  ['no fields', 'GET / HTTP/1.1\r\n\r\n'],
  ['a connection that is to be closed', good.replace('X: y', 'Connection: close')],
  ['a Connection that names a field', good.replace('X: y', 'Connection: keep-alive, X')],
  ['a Connection that says nothing', good.replace('X: y', 'Connection: ')],
  ['a second Connection', good.replace('X: y', 'Connection: keep-alive\r\nConnection: X')],
  ['Content-Length', good.replace('X: y', 'content-length: 0')],
  ['Transfer-Encoding', good.replace('X: y', 'Transfer-Encoding: chunked')],
  ['Trailer', good.replace('X: y', 'trailer: a')],
  ['Upgrade', good.replace('X: y', 'Upgrade: websocket')],
  ['Expect', good.replace('X: y', 'EXPECT: 100-continue')],
  ['what some take for Connection', good.replace('X: y', 'Proxy-Connection: close')],
  ['an upgrade to HTTP/2', good.replace('X: y', 'HTTP2-Settings: AAMAAABkAAQAAP__')],
] as const) {
  test(`is left to node:http: ${what}`, () => assert.equal(read(text), undefined))
}

const headOf = (text: string): RequestHead => {
  const head = requestHead(Buffer.from(text, 'latin1'))
  assert.ok(head !== undefined)
  return head
}

test('fields that come again are the same array, whatever is asked for with them', () => {
  const last = headOf(good)
  const next = requestHead(Buffer.from(good.replace('GET /', 'OPTIONS /b?c')), last)
  assert.deepEqual([next?.method, next?.target, next?.isRepeated], ['OPTIONS', '/b?c', true])
  assert.equal(next?.rawHeaders, last.rawHeaders)
})

test('whatever one byte becomes, a request is read as if none had come before it', () => {
  const long = good.replace('y', 'y'.repeat(10_000))
  for (const before of [good, long, lines('GET / HTTP/1.1', 'Host: a')].map(headOf)) {
    for (let at = 0; at < good.length; at += 1) {
      for (const sign of ['', '\0', '\r', '\n', ' ', ':', 'X', 'y', '\x7f', '\xff']) {
        for (const end of [at, at + 1]) {
          const text = good.slice(0, at) + sign + good.slice(end)
          assert.deepEqual(read(text, before), read(text), JSON.stringify(text))
        }
      }
      assert.deepEqual(read(good.slice(0, at), before), undefined)
    }
  }
})
