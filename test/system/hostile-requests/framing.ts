import { head, passes, post, refused, type HostileRequest } from './hostile-request.ts'

/** Where the request ends: whoever can make two readers disagree about it sends requests in the name of others. */
export const framing: readonly HostileRequest[] = [
  refused(
    'Content-Length before Transfer-Encoding',
    'RFC 9112, 6.1',
    `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refused(
    'Transfer-Encoding before Content-Length',
    'RFC 9112, 6.1',
    `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
  ),
  refused(
    'Content-Length: 0 beside Transfer-Encoding',
    'RFC 9112, 6.1',
    `${post('Content-Length: 0', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
  ),
  refused(
    'a second request inside the body that one of the two lengths ends before',
    'RFC 9112, 6.1',
    `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${post('Content-Length: 0')}`,
  ),
  refused(
    'Content-Length beside a Transfer-Encoding that hides behind a space',
    'RFC 9112, 5.1',
    `${post('Content-Length: 5', 'Transfer-Encoding : chunked')}0\r\n\r\n`,
  ),
  refused(
    'Content-Length beside an unknown Transfer-Encoding',
    'RFC 9112, 6.1',
    `${post('Content-Length: 5', 'Transfer-Encoding: identity')}hello`,
  ),
  refused('Content-Length twice, the same', 'RFC 9112, 6.3', `${post('Content-Length: 5', 'Content-Length: 5')}hello`),
  refused(
    'Content-Length twice, not the same',
    'RFC 9112, 6.3',
    `${post('Content-Length: 5', 'content-length: 6')}hello!`,
  ),
  ...[
    ['a list of equal lengths', '5, 5'],
    ['a list of lengths', '5, 6'],
    ['plus', '+5'],
    ['minus', '-5'],
    ['minus nought', '-0'],
    ['hexadecimal', '0x5'],
    ['two numbers', '5 5'],
    ['nothing', ''],
    ['a fraction', '5.0'],
    ['an exponent', '5e0'],
    ['a semicolon', '5;'],
    ['quotes', '"5"'],
    ['an underscore', '1_0'],
    ['an Arabic digit', '\xd9\xa5'],
    ['2^64', '18446744073709551616'],
    ['2^64 + 5, which is 5 to whoever overflows', '18446744073709551621'],
    ['forty digits', '9'.repeat(40)],
    ['a NUL', '5\x00'],
    ['a vertical tab', '\x0b5'],
  ].map(([what, value]) =>
    refused(`Content-Length with ${what}`, 'RFC 9112, 6.3', `${post(`Content-Length: ${value}`)}hello`),
  ),
  ...['9007199254740993', '18446744073709551615'].map((value) =>
    refused(`Content-Length: ${value}`, 'RFC 9110, 8.6', `${post(`Content-Length: ${value}`)}hello`, {
      answers: ['413 body-too-large'],
    }),
  ),
  refused('a folded Content-Length', 'RFC 9112, 5.2', `${post('Content-Length:\r\n 5')}hello`),
  refused('a space before the colon of Content-Length', 'RFC 9112, 5.1', `${post('Content-Length : 5')}hello`),
  passes(
    'a tab around a Content-Length',
    'RFC 9110, 5.5',
    `${post('Content-Length:\t5\t')}hello`,
    'POST /raw/x HTTP/1.1\n\nhello',
  ),
  passes(
    'noughts before a Content-Length',
    'RFC 9110, 8.6',
    `${post('Content-Length: 0005')}hello`,
    'POST /raw/x HTTP/1.1\n\nhello',
  ),
  passes(
    'Content-Length with an underscore is another field to us, and the same to a CGI-like server',
    'RFC 3875, 4.1.18',
    post('Content_Length: 5'),
    'POST /raw/x HTTP/1.1\n\n',
  ),
  passes(
    'a GET with a body',
    'RFC 9110, 9.3.1',
    `${head('GET /raw/x HTTP/1.1', 'Host: gate.test', 'Content-Length: 5')}hello`,
    'GET /raw/x HTTP/1.1\n\nhello',
  ),
]

/** Transfer codings: `chunked`, once, and nothing else (RFC 9112, section 7). */
export const transferCodings: readonly HostileRequest[] = [
  ...[
    ['chunked twice', 'chunked, chunked'],
    ['chunked, then identity', 'chunked, identity'],
    ['identity, then chunked', 'identity, chunked'],
    ['gzip, then chunked', 'gzip, chunked'],
    ['identity', 'identity'],
    ['gzip', 'gzip'],
    ['nothing', ''],
    ['a letter before', 'xchunked'],
    ['a letter behind', 'chunkedx'],
    ['a vertical tab before', '\x0bchunked'],
    ['a vertical tab behind', 'chunked\x0b'],
    ['a no-break space behind', 'chunked\xa0'],
    ['a NUL behind', 'chunked\x00'],
    ['quotes', '"chunked"'],
    ['a parameter', 'chunked;q=1'],
    ['an empty element before', ', chunked'],
    ['an empty element behind', 'chunked,'],
    ['two words', 'chunked chunked'],
  ].map(([what, value]) =>
    refused(`Transfer-Encoding: ${what}`, 'RFC 9112, 6.1', `${post(`Transfer-Encoding: ${value}`)}0\r\n\r\n`),
  ),
  refused(
    'Transfer-Encoding in two fields',
    'RFC 9112, 6.1',
    `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refused(
    'Transfer-Encoding in two fields, the second one nonsense',
    'RFC 9112, 6.1',
    `${post('Transfer-Encoding: chunked', 'Transfer-encoding: cow')}0\r\n\r\n`,
  ),
  refused('a folded Transfer-Encoding', 'RFC 9112, 5.2', `${post('Transfer-Encoding:\r\n chunked')}0\r\n\r\n`),
  refused(
    'Transfer-Encoding that continues a fold',
    'RFC 9112, 5.2',
    `${post('X: y', ' Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refused(
    'Transfer-Encoding behind a bare CR',
    'RFC 9112, 2.2',
    `${post('X: y\rTransfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refused(
    'Transfer-Encoding behind a bare LF',
    'RFC 9112, 2.2',
    `${post('X: y\nTransfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refused(
    'Transfer-Encoding in HTTP/1.0',
    'RFC 9112, 6.1',
    `${head('POST /raw/x HTTP/1.0', 'Host: gate.test', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refused(
    'Transfer-Encoding and Content-Length in HTTP/1.0',
    'RFC 9112, 6.1',
    `${head('POST /raw/x HTTP/1.0', 'Host: gate.test', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  ...['chunked', 'Chunked', 'CHUNKED', '\t chunked'].map((value) =>
    passes(
      `Transfer-Encoding: ${JSON.stringify(value)}`,
      'RFC 9112, 7',
      `${post(`Transfer-Encoding: ${value}`)}5\r\nhello\r\n0\r\n\r\n`,
      'POST /raw/x HTTP/1.1\n\nhello',
    ),
  ),
  passes(
    'Transfer-Encoding with an underscore is another field to us, and the same to a CGI-like server',
    'RFC 3875, 4.1.18',
    post('Transfer_Encoding: chunked'),
    'POST /raw/x HTTP/1.1\n\n',
  ),
  passes(
    'TE, Trailer and Keep-Alive stay on this connection',
    'RFC 9110, 7.6.1',
    `${post('TE: trailers', 'Trailer: X-Sum', 'Keep-Alive: 5', 'Transfer-Encoding: chunked')}1\r\n!\r\n0\r\n\r\n`,
    'POST /raw/x HTTP/1.1\n\n!',
  ),
]
