import { passes, post, refused, type HostileRequest } from './hostile-request.ts'

const chunked = (body: string): string => post('Transfer-Encoding: chunked') + body

const wrong = (name: string, body: string, answer = '400 malformed-request'): HostileRequest =>
  refused(name, 'RFC 9112, 7.1', chunked(body), { begun: true, answers: [answer] })

/** The syntax of a chunked body: a size that two readers read differently is a second request to one of them. */
export const chunks: readonly HostileRequest[] = [
  wrong('a negative size', '-1\r\nh\r\n0\r\n\r\n'),
  wrong('a size with a plus', '+5\r\nhello\r\n0\r\n\r\n'),
  wrong('a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'),
  wrong('a space before the size', ' 5\r\nhello\r\n0\r\n\r\n'),
  wrong('a space behind the size', '5 \r\nhello\r\n0\r\n\r\n'),
  wrong('a tab behind the size', '5\t\r\nhello\r\n0\r\n\r\n'),
  wrong('an underscore in the size', '1_0\r\nhello\r\n0\r\n\r\n'),
  wrong('no size', '\r\nhello\r\n0\r\n\r\n'),
  wrong('a size that is no number', 'five\r\nhello\r\n0\r\n\r\n'),
  wrong('a size of 2^64', '10000000000000000\r\nhello\r\n0\r\n\r\n'),
  wrong('a size of 2^64 + 5, which is 5 to whoever overflows', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
  wrong('a size of forty digits', `${'f'.repeat(40)}\r\nhello\r\n0\r\n\r\n`),
  wrong('a size that ends with a bare LF', '5\nhello\r\n0\r\n\r\n'),
  wrong('a size that ends with a bare CR', '5\rhello\r\n0\r\n\r\n'),
  wrong('a size that ends with CR and another letter', '5\rX\nhello\r\n0\r\n\r\n'),
  wrong('no line end behind the data', '5\r\nhello0\r\n\r\n'),
  wrong('a bare LF behind the data', '5\r\nhello\n0\r\n\r\n'),
  wrong('a bare CR behind the data', '5\r\nhello\r0\r\n\r\n'),
  wrong('more data than the size says', '5\r\nhello!!\r\n0\r\n\r\n'),
  wrong('an extension that ends with a bare LF', '5;x\nhello\r\n0\r\n\r\n'),
  wrong('an extension with a bare CR', '5;x\ry\r\nhello\r\n0\r\n\r\n'),
  wrong('an extension with a NUL', '5;x=\x00\r\nhello\r\n0\r\n\r\n'),
  wrong('an extension with an open quote that hides the line end', '5;x="\r\nhello\r\n0\r\n\r\n'),
  wrong('a flood of extensions', `5;${'x'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`, '413 body-too-large'),
  wrong('a bare LF behind the last chunk', '5\r\nhello\r\n0\n\r\n'),
  wrong('a bare LF at the end', '5\r\nhello\r\n0\r\n\n'),
  wrong('a letter where the end should be', '5\r\nhello\r\n0\r\nX'.concat('\r\n\r\n')),
  wrong('a trailer without a colon', '5\r\nhello\r\n0\r\nBroken\r\n\r\n'),
  wrong('a trailer with a space before its colon', '5\r\nhello\r\n0\r\nX-Sum : 1\r\n\r\n'),
  wrong('a trailer without a name', '5\r\nhello\r\n0\r\n: 1\r\n\r\n'),
  wrong('a folded trailer', '5\r\nhello\r\n0\r\nX-Sum: 1\r\n 2\r\n\r\n'),
  wrong('a trailer with a NUL', '5\r\nhello\r\n0\r\nX-Sum: \x00\r\n\r\n'),
  wrong('a trailer with a bare CR', '5\r\nhello\r\n0\r\nX-Sum: 1\r2\r\n\r\n'),
  wrong('framing in trailers', '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'),
  wrong('a coding in trailers', '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'),
  wrong('a flood of trailers', `5\r\nhello\r\n0\r\nX-Sum: ${'1'.repeat(20_000)}\r\n\r\n`, '431 headers-too-large'),
  ...[
    ['an extension is not sent on', '5;secret=1;quoted="a b"\r\nhello\r\n0\r\n\r\n'],
    ['a size with noughts before it', '0005\r\nhello\r\n00\r\n\r\n'],
    ['sizes with letters', 'A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n', '01234567890123456789'],
    ['a host in trailers is not sent on', '5\r\nhello\r\n0\r\nHost: evil.test\r\n\r\n'],
    ['identity in trailers is not sent on', '5\r\nhello\r\n0\r\nX-User-Id: mallory\r\nx_user_id: mallory\r\n\r\n'],
  ].map(([name = '', body = '', arrived = 'hello']) =>
    passes(name, 'RFC 9112, 7.1', chunked(body), `POST /raw/x HTTP/1.1\n\n${arrived}`),
  ),
]
