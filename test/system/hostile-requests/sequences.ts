import { get, head, passes, post, refused, type HostileRequest } from './hostile-request.ts'

const plain = 'GET /raw/x HTTP/1.1\n\n'

/** What comes before, behind and between: a connection is believed only as far as everything on it was sound. */
export const sequences: readonly HostileRequest[] = [
  passes('two requests in a packet', 'RFC 9112, 9.3.2', get() + get('X-A: 2'), [
    plain,
    'GET /raw/x HTTP/1.1\nX-A: 2\n\n',
  ]),
  passes('a request behind a body in a packet', 'RFC 9112, 9.3.2', `${post('Content-Length: 5')}hello${get()}`, [
    'POST /raw/x HTTP/1.1\n\nhello',
    plain,
  ]),
  passes('garbage behind a good request', 'RFC 9112, 9.3.2', `${get()}\x00garbage\r\n\r\n`, plain, {
    answers: ['200', '400 malformed-request'],
    closes: true,
  }),
  passes('a hostile request behind a good one', 'RFC 9112, 9.3.2', get() + get('Host: evil.test'), plain, {
    answers: ['200', '400 malformed-request'],
    closes: true,
  }),
  passes(
    'a bad chunk behind a good request',
    'RFC 9112, 7.1',
    `${get()}${post('Transfer-Encoding: chunked')}x\r\n`,
    plain,
    {
      answers: ['200', '400 malformed-request'],
      closes: true,
    },
  ),
  passes('CONNECT behind a good request', 'RFC 9110, 9.3.6', get() + head('CONNECT a:1 HTTP/1.1', 'Host: a:1'), plain, {
    answers: ['200', '405 method-not-allowed'],
    closes: true,
  }),
  refused(
    'a request behind a refused frame in the same packet',
    'RFC 9112, 9.6',
    `${post('Transfer-Encoding: gzip, chunked')}0\r\n\r\n${get()}`,
  ),
  refused('a request behind two Hosts in the same packet', 'RFC 9112, 9.6', get('Host: evil.test') + get()),
  refused(
    'a request behind TRACE in the same packet',
    'RFC 9112, 9.6',
    head('TRACE / HTTP/1.1', 'Host: gate.test') + get(),
    {
      answers: ['405 method-not-allowed'],
    },
  ),
  refused('a request behind a refused frame in the next packet', 'RFC 9112, 9.6', [get('Host: evil.test'), get()]),
  passes('a request behind one that closes', 'RFC 9112, 9.6', get('Connection: close') + get(), plain, {
    answers: ['200'],
    closes: true,
  }),
  passes(
    'a request behind one of HTTP/1.0',
    'RFC 9112, 9.3',
    head('GET /raw/x HTTP/1.0', 'Host: gate.test') + get(),
    plain,
    {
      answers: ['200'],
      closes: true,
    },
  ),
  passes(
    'a body behind a path that leads nowhere',
    'RFC 9112, 9.3',
    `${head('POST /nowhere HTTP/1.1', 'Host: gate.test', 'Content-Length: 5')}hello${get()}`,
    plain,
    { answers: ['404 service-not-found', '200'] },
  ),
  refused(
    'a request behind the body of one that is refused',
    'RFC 9112, 9.6',
    `${head('POST /raw/%00 HTTP/1.1', 'Host: gate.test', 'Content-Length: 5')}hello${get()}`,
  ),
  refused('the end in the middle of a head', 'RFC 9112, 8', 'GET /raw/x HTTP/1.1\r\nHost: ga', { halfCloses: true }),
  refused('the end before the empty line', 'RFC 9112, 8', 'GET /raw/x HTTP/1.1\r\nHost: gate.test\r\n', {
    halfCloses: true,
  }),
  refused('the end in the middle of a body', 'RFC 9112, 8', `${post('Content-Length: 50')}hello`, {
    halfCloses: true,
    begun: true,
  }),
  refused('the end in the middle of a chunk', 'RFC 9112, 8', `${post('Transfer-Encoding: chunked')}50\r\nhello`, {
    halfCloses: true,
    begun: true,
  }),
  refused('the end before the last chunk', 'RFC 9112, 8', `${post('Transfer-Encoding: chunked')}5\r\nhello\r\n`, {
    halfCloses: true,
    begun: true,
  }),
  refused('an end at once', 'RFC 9112, 9', '', { halfCloses: true, answers: [] }),
  passes('a head byte by byte', 'RFC 9112, 2.2', Array.from(get('X-A: 1')), 'GET /raw/x HTTP/1.1\nX-A: 1\n\n'),
  passes(
    'a chunked body byte by byte',
    'RFC 9112, 7.1',
    Array.from(`${post('Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`),
    'POST /raw/x HTTP/1.1\n\nhello',
  ),
  refused('a field cut between its name and a forbidden space', 'RFC 9112, 5.1', [
    'GET /raw/x HTTP/1.1\r\nHost',
    ' : gate.test\r\n\r\n',
  ]),
]
