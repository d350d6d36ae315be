import { get, head, passes, refused, type HostileRequest } from './hostile-request.ts'

const wrong = (name: string, bytes: string): HostileRequest => refused(name, 'RFC 9112, 5', bytes)

/** The syntax of fields: what one reader takes for part of a value is a field of its own to another. */
export const headers: readonly HostileRequest[] = [
  wrong('a bare CR in a value', get('X-A: 1\r2')),
  wrong('a bare CR at the end of a value', get('X-A: 1\r')),
  wrong('a bare LF in a value', get('X-A: 1\nX-User-Id: mallory')),
  wrong('bare LF everywhere', 'GET /raw/x HTTP/1.1\nHost: gate.test\n\n'),
  wrong('a bare LF as the empty line', 'GET /raw/x HTTP/1.1\r\nHost: gate.test\r\n\n'),
  wrong('a bare CR as the empty line', 'GET /raw/x HTTP/1.1\r\nHost: gate.test\r\n\rX'),
  wrong('a NUL in a value', get('X-A: 1\x002')),
  wrong('a NUL in a name', get('X-\x00A: 1')),
  wrong('a control character in a value', get('X-A: 1\x012')),
  wrong('a backspace in a value', get('X-A: mallory\x08\x08')),
  wrong('a vertical tab in a value', get('X-A: 1\x0b2')),
  wrong('a form feed in a value', get('X-A: 1\x0c2')),
  wrong('a DEL in a value', get('X-A: 1\x7f2')),
  wrong('a folded value', get('X-A: 1', ' 2')),
  wrong('a value folded with a tab', get('X-A: 1', '\t2')),
  wrong('a value folded onto an empty line', get('X-A:', ' ')),
  wrong('a fold before the first field', head('GET /raw/x HTTP/1.1', ' Host: gate.test')),
  wrong('a space before the colon', get('X-A : 1')),
  wrong('a tab before the colon', get('X-A\t: 1')),
  wrong('a space in a name', get('X A: 1')),
  wrong('an empty name', get(': 1')),
  wrong('a line without a colon', get('X-A')),
  wrong('a line of spaces', get('   ')),
  wrong('a high byte in a name', get('X-Caf\xe9: 1')),
  ...Array.from('"(),/;<=>?@[\\]{}').map((letter) => wrong(`${letter} in a name`, get(`X${letter}A: 1`))),
  passes('a high byte in a value', 'RFC 9110, 5.5', get('X-A: caf\xe9'), 'GET /raw/x HTTP/1.1\nX-A: caf\xe9\n\n'),
  passes('an empty value', 'RFC 9110, 5.5', get('X-A:', 'X-B: '), 'GET /raw/x HTTP/1.1\nX-A: \nX-B: \n\n'),
  passes('a tab inside a value', 'RFC 9110, 5.5', get('X-A: 1\t2'), 'GET /raw/x HTTP/1.1\nX-A: 1\t2\n\n'),
  passes(
    'names that mean something to JavaScript',
    'RFC 9110, 5.1',
    get('__proto__: 1', 'constructor: 2', 'toString: 3'),
    'GET /raw/x HTTP/1.1\n__proto__: 1\nconstructor: 2\ntoString: 3\n\n',
  ),
  passes(
    'every letter that a name may have',
    'RFC 9110, 5.6.2',
    get("X!#$%&'*+-.^`|~9: 1"),
    "GET /raw/x HTTP/1.1\nX!#$%&'*+-.^`|~9: 1\n\n",
  ),
]
