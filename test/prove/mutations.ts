import type { RandomNumbers } from './random-numbers.ts'

/** Breaks a request in one place, or makes it strange there. */
export type Mutation = (bytes: string) => string

/** The ways in which somebody who knows the grammar does so; some mix in another one of these requests. */
export const mutationsOf = (random: RandomNumbers, rows: readonly string[]): readonly Mutation[] => {
  const below = (bound: number): number => Math.floor(random() * bound)
  const oneOf = (from: readonly string[]): string => from[below(from.length)] ?? ''

  return [
    // A byte that means something, put in, put in place of another, or taken away
    (bytes) => spliced(bytes, below(bytes.length), 0, oneOf(treacherous)),
    (bytes) => spliced(bytes, below(bytes.length), 1, oneOf(treacherous)),
    (bytes) => spliced(bytes, below(bytes.length), 1 + below(4), ''),
    // Any byte
    (bytes) => spliced(bytes, below(bytes.length), 1, String.fromCharCode(below(256))),
    // A field more, somewhere in the head
    (bytes) => bytes.replace('\r\n', () => `\r\n${oneOf(fields)}\r\n`),
    (bytes) => {
      const lines = bytes.split('\r\n')
      return lines.toSpliced(1 + below(lines.length), 0, oneOf(fields)).join('\r\n')
    },
    // Lines in another order, or twice
    (bytes) => {
      const lines = bytes.split('\r\n')
      const at = below(lines.length)
      return lines.toSpliced(below(lines.length), 0, lines[at] ?? '').join('\r\n')
    },
    // One line end that is not one
    (bytes) => {
      const at = bytes.indexOf('\r\n', below(bytes.length))
      return at === -1 ? bytes : spliced(bytes, at, 2, oneOf(['\n', '\r', '\r\r\n', '\n\r', '\r\n ', '\x85', '']))
    },
    // Letters in the other case
    (bytes) => {
      const [at, length] = [below(bytes.length), 1 + below(12)]
      const part = bytes.slice(at, at + length)
      return spliced(bytes, at, length, random() < 0.5 ? part.toUpperCase() : part.toLowerCase())
    },
    // Cut off, or followed by another
    (bytes) => bytes.slice(0, below(bytes.length)),
    (bytes) => bytes + oneOf(rows),
    (bytes) => spliced(bytes, below(bytes.length), 0, oneOf(rows).slice(0, 1 + below(200))),
  ]
}

const treacherous = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\x0b',
  '\x0c',
  '\x7f',
  '\x85',
  '\xa0',
  '\xff',
  ':',
  ';',
  ',',
  '"',
  '_',
  '%',
  '#',
  '?',
  '/',
  '\\',
  '.',
  '..',
  '@',
  '[',
  '*',
  '+',
  '-',
  '0',
  '0x',
  'x',
  '%00',
  '%2f',
  '%0a',
  '\r\n\r\n',
]

const fields = [
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: 999999',
  'Content-Length: +5',
  'Content-Length:',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding:',
  'Transfer_Encoding: chunked',
  'Host: evil.test',
  'Host:',
  'Connection: close',
  'Connection: x-user-id, host',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
  'X-User-Id: mallory',
  'x_user_id: mallory',
  'X-Forwarded-For: mallory',
  'Forwarded: for=mallory',
  'Expect: 100-continue',
  'Expect: x',
  'TE: trailers',
  'Trailer: X',
  'Max-Forwards: 0',
  'Keep-Alive: 1',
  'Authorization: Bearer a',
  'Range: bytes=0-',
  'Cookie: a=1',
  'X-Request-Id: \t',
  'traceparent: 00-0-0-0',
  ' folded',
]

const spliced = (bytes: string, at: number, removed: number, put: string): string =>
  bytes.slice(0, at) + put + bytes.slice(at + removed)
