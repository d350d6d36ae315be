import { get, head, passes, refused, type HostileRequest } from './hostile-request.ts'

const line = (name: string, requestLine: string): HostileRequest =>
  refused(name, 'RFC 9112, 3', head(requestLine, 'Host: gate.test'))

/** The first line: method, target and version, one space between, and nothing else. */
export const requestLines: readonly HostileRequest[] = [
  line('a method in lower case', 'get /raw/x HTTP/1.1'),
  line('a method in mixed case', 'Get /raw/x HTTP/1.1'),
  line('a method that nobody knows', 'FROB /raw/x HTTP/1.1'),
  line('a method with a letter too much', 'GETT /raw/x HTTP/1.1'),
  line('no method', ' /raw/x HTTP/1.1'),
  line('a method that is no token', 'G(T /raw/x HTTP/1.1'),
  line('no target', 'GET HTTP/1.1'),
  line('no version', 'GET /raw/x'),
  refused('HTTP/0.9', 'RFC 9112, 2.3', 'GET /raw/x\r\n\r\n'),
  ...['HTTP/0.9', 'HTTP/1.2', 'HTTP/1.10', 'HTTP/11', 'HTTP/2.0', 'HTTP/3.0', 'HTTP/1', 'HTTP/1,1', 'HTTP/01.1'].map(
    (version) => line(`version ${version}`, `GET /raw/x ${version}`),
  ),
  line('a version in lower case', 'GET /raw/x http/1.1'),
  line('another protocol', 'GET /raw/x HTTPS/1.1'),
  line('the protocol of RTSP', 'DESCRIBE /raw/x RTSP/1.0'),
  line('a space behind the version', 'GET /raw/x HTTP/1.1 '),
  line('a word behind the version', 'GET /raw/x HTTP/1.1 x'),
  line('a tab before the target', 'GET\t/raw/x HTTP/1.1'),
  line('a tab before the version', 'GET /raw/x\tHTTP/1.1'),
  line('a space before the method', ' GET /raw/x HTTP/1.1'),
  line('a space in the target', 'GET /raw/x y HTTP/1.1'),
  line('a bare CR in the target', 'GET /raw/\rx HTTP/1.1'),
  line('a NUL in the target', 'GET /raw/\x00x HTTP/1.1'),
  line('a NUL before the method', '\x00GET /raw/x HTTP/1.1'),
  refused('a request line that ends with a bare LF', 'RFC 9112, 2.2', 'GET /raw/x HTTP/1.1\nHost: gate.test\r\n\r\n'),
  refused('a request line that ends with a bare CR', 'RFC 9112, 2.2', 'GET /raw/x HTTP/1.1\rHost: gate.test\r\n\r\n'),
  refused('the preface of HTTP/2', 'RFC 9113, 3.4', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('a greeting of TLS', 'RFC 9112, 3', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  refused('a greeting of SSH', 'RFC 9112, 3', 'SSH-2.0-OpenSSH_9.2\r\n'),
  refused('a line of the PROXY protocol', 'RFC 9112, 3', `PROXY TCP4 192.0.2.1 192.0.2.2 1 80\r\n${get()}`),
  refused('an answer', 'RFC 9112, 3', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  ...['GET  /raw/x HTTP/1.1', 'GET /raw/x  HTTP/1.1'].map((lenient) =>
    passes(
      `two spaces, sent on as one: ${lenient}`,
      'RFC 9112, 3',
      head(lenient, 'Host: gate.test'),
      'GET /raw/x HTTP/1.1\n\n',
    ),
  ),
  ...['ICE/1.0', 'RTSP/1.0'].map((protocol) =>
    passes(
      `${protocol} is answered as HTTP/1.0, the last on its connection`,
      'RFC 9112, 2.5',
      head(`${protocol === 'ICE/1.0' ? 'SOURCE' : 'GET'} /raw/x ${protocol}`, 'Host: gate.test'),
      `${protocol === 'ICE/1.0' ? 'SOURCE' : 'GET'} /raw/x HTTP/1.1\n\n`,
      { closes: true },
    ),
  ),
  passes('empty lines before the request', 'RFC 9112, 2.2', `\r\n\r\n${get()}`, 'GET /raw/x HTTP/1.1\n\n'),
  passes(
    'a method of another house',
    'RFC 9110, 9.1',
    head('PROPFIND /raw/x HTTP/1.1', 'Host: gate.test'),
    'PROPFIND /raw/x HTTP/1.1\n\n',
  ),
]
