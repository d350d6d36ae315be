import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestHead, type RequestHead } from './request-head.ts'

const read = (
  text: string,
  last?: RequestHead,
): Omit<RequestHead, 'fields' | 'isRepeated' | 'behindCredential'> | undefined => {
  const head = requestHead(Buffer.from(text, 'latin1'), last)
  if (head === undefined) return undefined
  const { method, target, rawHeaders, bodyBytes } = head
  return { method, target, rawHeaders, bodyBytes }
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
      bodyBytes: undefined,
    },
  ],
  [
    'white space around and inside of values',
    lines('HEAD / HTTP/1.1', 'host:a', 'X: \t b \t c\t ', 'Y:', 'Z: \t '),
    { method: 'HEAD', target: '/', rawHeaders: ['host', 'a', 'X', 'b \t c', 'Y', '', 'Z', ''], bodyBytes: undefined },
  ],
  [
    'a connection that is to be kept, and a token',
    lines('DELETE /x HTTP/1.1', 'CONNECTION: Keep-Alive', 'Host: a', 'authorization: Bearer a.b.c'),
    {
      method: 'DELETE',
      target: '/x',
      rawHeaders: ['CONNECTION', 'Keep-Alive', 'Host', 'a', 'authorization', 'Bearer a.b.c'],
      bodyBytes: undefined,
    },
  ],
  [
    'every sign that a name may have, and what is said twice',
    lines("OPTIONS /!$&'()*+,;=:@-._~ HTTP/1.1", 'Host: a', "!#$%&'*+-.^_`|~1a: 1", 'X: 1', 'X: 2'),
    {
      method: 'OPTIONS',
      target: "/!$&'()*+,;=:@-._~",
      rawHeaders: ['Host', 'a', "!#$%&'*+-.^_`|~1a", '1', 'X', '1', 'X', '2'],
      bodyBytes: undefined,
    },
  ],
  [
    'a POST with its body, whatever that is',
    `${lines('POST /a HTTP/1.1', 'Host: a', 'Content-Length: 8')}\0\r\n\r\n\xff: `,
    { method: 'POST', target: '/a', rawHeaders: ['Host', 'a', 'Content-Length', '8'], bodyBytes: 8 },
  ],
  [
    'a PUT of nothing',
    lines('PUT /a HTTP/1.1', 'content-length:0 ', 'Host: a'),
    { method: 'PUT', target: '/a', rawHeaders: ['content-length', '0', 'Host', 'a'], bodyBytes: 0 },
  ],
  [
    'a PATCH that tells of no body',
    lines('PATCH /a HTTP/1.1', 'Host: a'),
    { method: 'PATCH', target: '/a', rawHeaders: ['Host', 'a'], bodyBytes: 0 },
  ],
] as const) {
  test(`is read: ${what}`, () => assert.deepEqual(read(text), head))
}

const post = `${lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 5')}hello`

const good = lines('GET / HTTP/1.1', 'Host: a', 'X: y')

for (const [what, text] of [
  ['nothing', ''],
  ['a head that is not complete', good.slice(0, -2)],
  ['a head that is one byte short', good.slice(0, -1)],
  ['bytes behind the head', `${good}G`],
  ['two requests', good + good],
  ['an empty line before it', `\r\n${good}`],
  ['a method that is like one that has a body', good.replace('GET', 'POSE')],
  ['a method of another length that is', good.replace('GET', 'PROPFIND')],
  ['a body that is one byte short', post.slice(0, -1)],
  ['a body that has not begun', post.slice(0, -5)],
  ['a byte behind a body', `${post}!`],
  ['a request behind a body', post + good],
  ['a body that nobody told of', post.replace('Content-Length: 5', 'X: y')],
  ['a body of another length than is told', post.replace(': 5', ': 4')],
  ['a body that is told to be none', post.replace(': 5', ': 0')],
  ['a length of nothing', post.replace(': 5', ':')],
  ['a length with a nought before it', post.replace(': 5', ': 05')],
  ['a length with a sign', post.replace(': 5', ': +5')],
  ['a negative length', good.replace('X: y', 'Content-Length: -1')],
  ['a length that is no number', good.replace('X: y', 'Content-Length: undefined')],
  ['a length with a fraction', post.replace(': 5', ': 5.0')],
  ['a length in hexadecimal', post.replace(': 5', ': 0x5')],
  ['a length in a list', post.replace(': 5', ': 5, 5')],
  ['a length with a space in it', post.replace(': 5', ': 5 5')],
  ['the length twice, the same', post.replace('Content-Length: 5', 'Content-Length: 5\r\ncontent-length: 5')],
  ['the length twice, not the same', post.replace('Content-Length: 5', 'Content-Length: 5\r\ncontent-length: 4')],
  ['a length beside Transfer-Encoding', post.replace('Host', 'Transfer-Encoding: chunked\r\nHost')],
  ['a body in chunks', `${lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')}1\r\na\r\n0\r\n\r\n`],
  ['a body that waits for leave', post.replace('Host', 'Expect: 100-continue\r\nHost')],
  ['a body with DELETE', post.replace('POST', 'DELETE')],
  ['a body with GET', post.replace('POST', 'GET')],
  ['a POST without fields', 'POST / HTTP/1.1\r\n\r\n'],
  ['a POST whose head is not complete', post.slice(0, 30)],
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
  ['Content-Length where no body is expected', good.replace('X: y', 'content-length: 0')],
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
  const short = lines('GET / HTTP/1.1', 'Host: a')
  const all = [good, long, short, post, good.replace('GET', 'POST'), lines('PUT / HTTP/1.1', 'Host: a')]
  const signs = ['', '\0', '\r', '\n', ' ', ':', '0', '6', 'X', 'y', '\x7f', '\xff']
  const readAlike = (sound: string, at: number, before: RequestHead): void => {
    for (const [sign, end] of signs.flatMap((each) => [[each, at] as const, [each, at + 1] as const])) {
      const text = sound.slice(0, at) + sign + sound.slice(end)
      assert.deepEqual(read(text, before), read(text), JSON.stringify(text))
    }
    assert.deepEqual(read(sound.slice(0, at), before), undefined)
  }
  for (const before of all.map(headOf)) {
    for (const sound of [good, post]) for (let at = 0; at < sound.length; at += 1) readAlike(sound, at, before)
  }
})

test('the same fields with another method, or with a body, are read again', () => {
  const [get, write] = [lines('GET / HTTP/1.1', 'Host: a'), lines('POST / HTTP/1.1', 'Host: a')]
  assert.equal(requestHead(Buffer.from(get), headOf(write))?.isRepeated, false)
  assert.equal(requestHead(Buffer.from(`${write}x`), headOf(write)), undefined)
  assert.equal(requestHead(Buffer.from(post.replace('POST', 'GET').slice(0, -5)), headOf(post)), undefined)
  assert.equal(requestHead(Buffer.from(post.replace('hello', 'world')), headOf(post))?.isRepeated, true)
})
