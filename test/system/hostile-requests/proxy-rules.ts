import { get, head, passes, post, refused, type HostileRequest } from './hostile-request.ts'

const plain = 'GET /raw/x HTTP/1.1\n\n'

const refusedMethod = { answers: ['405 method-not-allowed'] } as const
const strangeExpectation = { answers: ['417 expectation-failed'] } as const

/** What belongs to a connection, what only we may say, and what asks more of us than to forward. */
export const proxyRules: readonly HostileRequest[] = [
  ...['host', 'Content-Length', 'content-type', 'Authorization', 'close, Cookie', 'Content-Encoding', 'date'].map(
    (named) => refused(`Connection takes ${named} from the service`, 'RFC 9110, 7.6.1', get(`Connection: ${named}`)),
  ),
  passes(
    'fields that Connection names',
    'RFC 9110, 7.6.1',
    get('Connection: X-Mine, x-other', 'x-mine: 1', 'X-Other: 2'),
    plain,
  ),
  passes(
    'Connection cannot take what we say',
    'RFC 9110, 7.6.1',
    get('Connection: x-forwarded-for, x-request-id'),
    plain,
  ),
  ...[
    'X-User-Id',
    'x-user-id',
    'x_user_id',
    'X-User_Id',
    'x.user.id',
    'X~User~Id',
    'X-Session-Id',
    'x_session_id',
    'Forwarded',
    'X-Forwarded-For',
    'x_forwarded_for',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Forwarded-Prefix',
    'X-Real-Ip',
    'x_real_ip',
  ].map((name) => passes(`the client's ${name}`, 'RFC 9110, 7.6', get(`${name}: mallory`, `${name}: mallory`), plain)),
  passes(
    'fields of the connection',
    'RFC 9110, 7.6.1',
    get(
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic eDp5',
      'Proxy-Authenticate: Basic',
      'Keep-Alive: 5',
    ),
    plain,
  ),
  ...['transfer.encoding', 'Content~Length', 'proxy_authorization', 'Keep_Alive', 'proxy_connection'].map((name) =>
    passes(`${name}, a twin to CGI-like servers`, 'RFC 3875, 4.1.18', get(`${name}: mallory`), plain),
  ),
  refused('two Authorizations', 'RFC 9110, 11.6.2', get('Authorization: Bearer a', 'authorization: Bearer b'), {
    answers: ['400 duplicate-authorization'],
    closes: false,
  }),
  passes(
    'an upgrade to HTTP/2 is not taken',
    'RFC 9110, 7.8',
    get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
    plain,
  ),
  passes('an upgrade that Connection does not name', 'RFC 9110, 7.8', get('Upgrade: websocket'), plain),
  refused('TRACE', 'RFC 9110, 9.3.8', head('TRACE /raw/x HTTP/1.1', 'Host: gate.test'), refusedMethod),
  refused(
    'TRACE that need not go further',
    'RFC 9110, 7.6.2',
    head('TRACE /raw/x HTTP/1.1', 'Host: gate.test', 'Max-Forwards: 0'),
    refusedMethod,
  ),
  refused('CONNECT', 'RFC 9110, 9.3.6', head('CONNECT evil.test:443 HTTP/1.1', 'Host: evil.test:443'), refusedMethod),
  refused(
    'CONNECT of ourselves',
    'RFC 9110, 9.3.6',
    head('CONNECT gate.test:80 HTTP/1.1', 'Host: gate.test:80'),
    refusedMethod,
  ),
  refused(
    'CONNECT with what is meant for the tunnel',
    'RFC 9110, 9.3.6',
    head('CONNECT a:1 HTTP/1.1', 'Host: a:1') + get(),
    refusedMethod,
  ),
  refused('CONNECT of a path', 'RFC 9112, 3.2.3', head('CONNECT /raw/x HTTP/1.1', 'Host: gate.test'), refusedMethod),
  refused('an expectation that nobody knows', 'RFC 9110, 10.1.1', get('Expect: 200-ok'), strangeExpectation),
  refused('an expectation beside the one', 'RFC 9110, 10.1.1', get('Expect: 100-continue, x'), strangeExpectation),
  refused(
    'a body that is expected to be refused is not asked for',
    'RFC 9110, 10.1.1',
    head('POST /nowhere HTTP/1.1', 'Host: gate.test', 'Expect: 100-continue', 'Content-Length: 5'),
    { answers: ['404 service-not-found'] },
  ),
  refused('two expectations', 'RFC 9110, 10.1.1', get('Expect: 100-continue', 'Expect: x'), strangeExpectation),
  {
    ...passes(
      'the one expectation is met here',
      'RFC 9110, 10.1.1',
      `${post('Expect: 100-continue', 'Content-Length: 5')}hello`,
      'POST /raw/x HTTP/1.1\n\nhello',
    ),
    answers: ['100', '200'],
  },
  passes(
    'an expectation in HTTP/1.0 means nothing',
    'RFC 9110, 10.1.1',
    head('GET /raw/x HTTP/1.0', 'Host: gate.test', 'Expect: 100-continue'),
    plain,
    { closes: true },
  ),
  passes(
    'Max-Forwards of a GET is nobody’s business',
    'RFC 9110, 7.6.2',
    get('Max-Forwards: 0'),
    'GET /raw/x HTTP/1.1\nMax-Forwards: 0\n\n',
  ),
]
