/** What a client is to get: an answer of the gateway's own, or what the upstream said. */
export type Outcome =
  /** Before the head. */
  | { readonly status: 502 | 504 }
  /** After the head: never a clean end of what is not complete. */
  | 'cut'
  | { readonly status: 200 | 204 | 304; readonly body: string }

/** An upstream that breaks the rules of HTTP, or nearly. */
export type HostileUpstream = {
  readonly name: string
  /** What it says to the first request that it gets, in packets of their own. Bytes, as Latin-1. */
  readonly says: readonly string[]
  /** `repeat`: says it again and again. */
  readonly atLast: 'end' | 'reset' | 'wait' | 'repeat'
  readonly outcome: Outcome
  /** Where requests whose body is streamed, which go another way, have another one. */
  readonly outcomeOfStream?: Outcome
  /** Where the request is another one than a GET, and a POST with a body: those two go different ways. */
  readonly method?: 'HEAD'
}

const failed = { status: 502 } as const
const slow = { status: 504 } as const
const ok = { status: 200, body: 'ok' } as const

const ok2 = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
const another = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'

/** One that answers this head, a body where there is one to come, and says no more. */
const head = (name: string, bytes: string, outcome: Outcome = failed): HostileUpstream => ({
  name,
  says: [bytes],
  atLast: 'wait',
  outcome,
})

/** Every one of them, and what is to become of its client. */
export const hostileUpstreams: readonly HostileUpstream[] = [
  // Nothing, or not all
  { name: 'hangs up without a word', says: [], atLast: 'end', outcome: failed },
  { name: 'resets without a word', says: [], atLast: 'reset', outcome: failed },
  { name: 'is silent', says: [], atLast: 'wait', outcome: slow },
  { name: 'stalls in the status line', says: ['HTTP/1.1 2'], atLast: 'wait', outcome: slow },
  { name: 'stalls in a field', says: ['HTTP/1.1 200 OK\r\nContent-'], atLast: 'wait', outcome: slow },
  { name: 'ends in the head', says: ['HTTP/1.1 200 OK\r\nContent-'], atLast: 'end', outcome: failed },
  { name: 'resets in the head', says: [`${ok2}X: `], atLast: 'reset', outcome: failed },
  {
    name: 'stalls in the body',
    says: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'],
    atLast: 'wait',
    outcome: 'cut',
  },
  {
    name: 'ends before its length',
    says: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'],
    atLast: 'end',
    outcome: 'cut',
  },
  { name: 'resets before its length', says: [`${ok2}\r\n`, 'o'], atLast: 'reset', outcome: 'cut' },
  { name: 'ends between two chunks', says: [`${chunked}2\r\nok\r\n`], atLast: 'end', outcome: 'cut' },
  { name: 'ends in a chunk', says: [`${chunked}9\r\nok`], atLast: 'end', outcome: 'cut' },
  {
    name: 'ends before the last line of the trailers',
    says: [`${chunked}2\r\nok\r\n0\r\n`],
    atLast: 'end',
    outcome: 'cut',
  },
  { name: 'resets where the end is the end', says: ['HTTP/1.1 200 OK\r\n\r\n', 'ok'], atLast: 'reset', outcome: 'cut' },

  // Not HTTP/1.1
  head('speaks SSH', 'SSH-2.0-OpenSSH_9.2\r\n'),
  { name: 'speaks HTTP/0.9', says: ['<html>hello</html>'], atLast: 'end', outcome: failed },
  head('speaks HTTP/2', '\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64'),
  head('speaks TLS', '\x15\x03\x01\x00\x02\x02\x46'),
  head('writes http in lower case', 'http/1.1 200 ok\r\ncontent-length: 0\r\n\r\n'),
  head('is of a version to come', 'HTTP/7.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  head('has a version of two digits', 'HTTP/1.10 200 OK\r\nContent-Length: 0\r\n\r\n'),
  head('repeats the request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),

  // The status
  head('has status 099', 'HTTP/1.1 099 Huh\r\nContent-Length: 0\r\n\r\n'),
  head('has status 000', 'HTTP/1.1 000 Huh\r\nContent-Length: 0\r\n\r\n'),
  head('has status 600', 'HTTP/1.1 600 Huh\r\nContent-Length: 0\r\n\r\n'),
  head('has status 999', 'HTTP/1.1 999 Huh\r\nContent-Length: 0\r\n\r\n'),
  head('has status 1000', 'HTTP/1.1 1000 Huh\r\nContent-Length: 0\r\n\r\n'),
  head('has a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'),
  head('has a status in letters', 'HTTP/1.1 2OO OK\r\nContent-Length: 0\r\n\r\n'),
  head('has a negative status', 'HTTP/1.1 -20 OK\r\nContent-Length: 0\r\n\r\n'),

  // The length
  head('has both lengths', `${ok2}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  head('has both lengths the other way round', `${chunked.slice(0, -2)}Content-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  head('has two lengths', `${ok2}Content-Length: 3\r\n\r\nok!`),
  head('has a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok!'),
  head('has a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok'),
  head('has a length with a sign', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'),
  head('has a hexadecimal length', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok'),
  head('has an empty length', 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok'),
  head('has a length past 64 bits', 'HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\nok'),

  // The syntax of the head
  head('has a space before a colon', `${ok2}X : y\r\n\r\nok`),
  head('has a line without a colon', `${ok2}nonsense\r\n\r\nok`),
  head('has a field without a name', `${ok2}: y\r\n\r\nok`),
  head('has a bare CR in a value', `${ok2}X: a\rb\r\n\r\nok`),
  head('has a NUL in a value', `${ok2}X: a\0b\r\n\r\nok`),
  head('has a control character in a value', `${ok2}X: a\x01b\r\n\r\nok`),
  head('has a NUL in a name', `${ok2}X\0: a\r\n\r\nok`),
  head('folds a line', `${ok2}X: a\r\n b\r\n\r\nok`),
  head('begins its fields with a folded line', `HTTP/1.1 200 OK\r\n X: a\r\nContent-Length: 2\r\n\r\nok`),
  head('has a field of 70 KB', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`),
  head('has a name of 70 KB', `HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}: y\r\n\r\n`),
  head('has 100 KB of small fields', `HTTP/1.1 200 OK\r\n${'X: yyyyyy\r\n'.repeat(10_000)}\r\n`),
  head('never ends its head', 'HTTP/1.1 200 OK\r\n' + 'X: yyyyyy\r\n'.repeat(20_000)),
  head('has 300 fields', `${ok2}${'X: y\r\n'.repeat(300)}\r\nok`, ok),

  // Interim answers, and other protocols
  head('switches protocols unasked', 'HTTP/1.1 101 Fine\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\npoison'),
  head('switches protocols without a word about it', 'HTTP/1.1 101 Fine\r\n\r\npoison'),
  head('gives fifty hints', `${early.repeat(50)}${ok2}\r\nok`, ok),
  // Where they count as the head they are too long, otherwise the deadline ends it.
  { name: 'gives hints for ever', says: [early.repeat(50)], atLast: 'repeat', outcome: failed, outcomeOfStream: slow },
  // RFC 9110, section 15.2.1, lets a client ignore it; undici does not.
  { ...head('says 100 unasked', `HTTP/1.1 100 Continue\r\n\r\n${ok2}\r\nok`, ok), outcomeOfStream: failed },
  { name: 'gives hints and no answer', says: [early.repeat(50)], atLast: 'wait', outcome: slow },
  { name: 'gives hints and hangs up', says: [early.repeat(50)], atLast: 'end', outcome: failed },

  // The chunks
  head('has a chunk size past 64 bits', `${chunked}FFFFFFFFFFFFFFFFF\r\nok\r\n0\r\n\r\n`, 'cut'),
  head('has a negative chunk size', `${chunked}-2\r\nok\r\n0\r\n\r\n`, 'cut'),
  head('has a chunk size that is none', `${chunked}xyz\r\nok\r\n0\r\n\r\n`, 'cut'),
  head('has an empty chunk size', `${chunked}\r\nok\r\n0\r\n\r\n`, 'cut'),
  head('has a chunk that is longer than its size', `${chunked}2\r\nok!\r\n0\r\n\r\n`, 'cut'),
  head('ends a chunk with a bare LF', `${chunked}2\r\nok\n0\r\n\r\n`, 'cut'),
  head('has trailers', `${chunked}2\r\nok\r\n0\r\nX-User-Id: eve\r\n\r\n`, ok),
  head('has a trailer that is none', `${chunked}2\r\nok\r\n0\r\nnonsense\r\n\r\n`, 'cut'),

  // More than was asked for
  head('says more than its length', `${ok2}\r\nok, and poison`, ok),
  head('says more than its chunks', `${chunked}2\r\nok\r\n0\r\n\r\npoison`, ok),
  head('gives two answers in one packet', `${ok2}\r\nok${another}`, ok),
  { name: 'gives a second answer a little later', says: [`${ok2}\r\nok`, another], atLast: 'wait', outcome: ok },
  { name: 'goes on with nonsense a little later', says: [`${ok2}\r\nok`, 'poison'], atLast: 'wait', outcome: ok },
  { name: 'answers and resets', says: [`${ok2}\r\nok`], atLast: 'reset', outcome: ok },
  head('gives 204 a body', `HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison`, { status: 204, body: '' }),
  head('gives 204 chunks', `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n${another}`, {
    status: 204,
    body: '',
  }),
  head('gives 304 a body', `HTTP/1.1 304 Not Modified\r\n\r\n${another}`, { status: 304, body: '' }),
  { ...head('gives HEAD a body', `${ok2}\r\nok${another}`, { status: 200, body: '' }), method: 'HEAD' },
  { ...head('gives HEAD chunks', `${chunked}2\r\nok\r\n0\r\n\r\n`, { status: 200, body: '' }), method: 'HEAD' },

  // Odd, and good
  {
    name: 'says each byte by itself',
    says: `${ok2}X: y\r\n\r\nok`.split(''),
    atLast: 'wait',
    outcome: ok,
  },
  { name: 'is of HTTP/1.0 and ends with its end', says: ['HTTP/1.0 200 OK\r\n\r\n', 'ok'], atLast: 'end', outcome: ok },
  head('has no reason', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok', ok),
]
