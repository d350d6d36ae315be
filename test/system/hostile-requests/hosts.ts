import { head, passes, refused, type HostileRequest } from './hostile-request.ts'

const host = (...fields: readonly string[]): string => head('GET /raw/x HTTP/1.1', ...fields)

/** Which service is meant: caches and routers behind us must read it as we do. */
export const hosts: readonly HostileRequest[] = [
  refused('no Host', 'RFC 9112, 3.2', host()),
  refused('two Hosts', 'RFC 9112, 3.2', host('Host: gate.test', 'Host: evil.test')),
  refused('the same Host twice', 'RFC 9112, 3.2', host('Host: gate.test', 'host: gate.test')),
  ...[
    ['nothing', ''],
    ['user information', 'user@gate.test'],
    ['a list', 'gate.test, evil.test'],
    ['a space', 'gate.test evil.test'],
    ['a tab', 'gate\ttest'],
    ['a path', 'gate.test/raw'],
    ['a query', 'gate.test?x'],
    ['a fragment', 'gate.test#x'],
    ['a backslash', 'gate.test\\evil.test'],
    ['a scheme', 'http://gate.test'],
    ['a port that is no number', 'gate.test:http'],
    ['a port of six digits', 'gate.test:123456'],
    ['two ports', 'gate.test:80:80'],
    ['an address that is not closed', '[::1'],
    ['an address that is none', '[gate]'],
    ['a high byte', 'caf\xe9.test'],
    ['quotes', '"gate.test"'],
    ['a less-than sign', 'gate.test<script>'],
  ].map(([what, value]) => refused(`Host with ${what}`, 'RFC 9112, 3.2', host(`Host: ${value}`))),
  ...['gate.test:8000', '[::1]:8000', '127.0.0.1', 'my_host', 'GATE.test.'].map((value) =>
    passes(`Host: ${value}`, 'RFC 3986, 3.2.2', host(`Host: ${value}`), 'GET /raw/x HTTP/1.1\n\n'),
  ),
  passes('no Host in HTTP/1.0', 'RFC 9112, 3.2', 'GET /raw/x HTTP/1.0\r\n\r\n', 'GET /raw/x HTTP/1.1\n\n', {
    closes: true,
  }),
  passes(
    'a twin of Host is not sent on',
    'RFC 3875, 4.1.18',
    host('Host: gate.test', 'HOST_: x', 'X-Host: y'),
    'GET /raw/x HTTP/1.1\nHOST_: x\nX-Host: y\n\n',
  ),
]
