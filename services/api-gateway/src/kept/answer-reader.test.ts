import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertProperty } from '@gatehouse/testing/assert-property.ts'
import { AnswerReader } from './answer-reader.ts'
import { UpstreamFault } from './upstream-fault.ts'

type Read = {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: string
  readonly isComplete: boolean
  readonly persists: boolean
}

const headBytesMax = 2_000

/** Reads an answer that comes in these pieces, as far as it goes. */
const read = (pieces: readonly string[], method = 'GET', reader = new AnswerReader(headBytesMax)): Read => {
  reader.begin(method)
  let status = 0
  let rawHeaders: readonly string[] = []
  let body = ''
  let isComplete = false
  const parts = {
    head: (told: number, fields: string[]) => {
      status = told
      rawHeaders = fields
    },
    piece: (bytes: Buffer) => {
      body += bytes.toString('latin1')
    },
    whole: (text: string) => {
      body += text
    },
  }
  for (const piece of pieces) {
    assert.ok(!isComplete, 'the connection is closed before anything that follows is read')
    isComplete = reader.read(Buffer.from(`${piece}not of it`, 'latin1'), piece.length, parts)
  }
  return { status, rawHeaders, body, isComplete: isComplete || reader.closed(), persists: reader.persists }
}

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = 'Transfer-Encoding: chunked\r\n\r\n'

/** Bytes, the body, and whether the connection may be used again. */
const answers: readonly (readonly [name: string, bytes: string, body: string, persists: boolean, method?: string])[] = [
  ['a length', `${ok}Content-Length: 5\r\n\r\nhello`, 'hello', true],
  ['a length of nothing', `${ok}Content-Length: 0\r\n\r\n`, '', true],
  ['a name in capitals and spaces around the value', `${ok}CONTENT-LENGTH: \t 5 \t\r\n\r\nhello`, 'hello', true],
  ['no reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 'ok', true],
  ['chunks', `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n02\r\nlo\r\n0\r\n\r\n`, 'hello', true],
  ['CHUNKED', `${ok}Transfer-Encoding: CHUNKED\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`, '0123456789', true],
  [
    'extensions and trailers',
    `${ok}Transfer-Encoding: chunked\r\n\r\n2 ;a="b;c"\r\nok\r\n0;x\r\nT: 1\r\n\r\n`,
    'ok',
    true,
  ],
  ['what a HEAD tells of', `${ok}Content-Length: 5\r\n\r\n`, '', false, 'HEAD'],
  ['nothing told to HEAD', `${ok}\r\n`, '', false, 'HEAD'],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
  ['204 that tells of a body', 'HTTP/1.1 204 \r\nTransfer-Encoding: chunked\r\n\r\n', '', false],
  ['304', 'HTTP/1.1 304 \r\n\r\n', '', true],
  ['304 with the length of what it stands for', 'HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n', '', false],
  ['close', `${ok}Connection: close\r\nContent-Length: 2\r\n\r\nok`, 'ok', false],
  ['close among others', `${ok}Connection: x, Close ,y\r\nContent-Length: 2\r\n\r\nok`, 'ok', false],
  ['neither length nor chunks', `${ok}\r\nuntil the end`, 'until the end', false],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', 'ok', false],
  ['HTTP/1.0 kept', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok', 'ok', true],
  [
    'interim answers before',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
    'ok',
    true,
  ],
  ['fifty of them', `${'HTTP/1.1 103 x\r\n\r\n'.repeat(50)}${ok}Content-Length: 2\r\n\r\nok`, 'ok', true],
]

/** What cannot be read in one way only, and where a connection has to end without an answer. */
const faults: readonly (readonly [name: string, bytes: string])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['another protocol, still on its way', 'SSH-2'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['status 099', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['status 600', 'HTTP/1.1 600 OK\r\n\r\n'],
  ['a switch that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ['line feeds alone', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a carriage return in a value', `${ok}X: a\rb\r\n\r\n`],
  ['a line feed in a value', `${ok}X: a\nContent-Length: 0\r\n\r\n`],
  ['a zero byte in a value', `${ok}X: a\0b\r\n\r\n`],
  ['a folded value', `${ok}X: a\r\n b\r\n\r\n`],
  ['a space before the colon', `${ok}Content-Length : 5\r\n\r\nhello`],
  ['a space before the name', `${ok} Content-Length: 5\r\n\r\nhello`],
  ['no name', `${ok}: 5\r\n\r\n`],
  ['no colon', `${ok}Content-Length 5\r\n\r\n`],
  ['two lengths that differ', `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
  ['two lengths that agree', `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
  ['a list of lengths', `${ok}Content-Length: 5, 5\r\n\r\nhello`],
  ['a negative length', `${ok}Content-Length: -5\r\n\r\nhello`],
  ['a length with a sign', `${ok}Content-Length: +5\r\n\r\nhello`],
  ['a length in hexadecimal', `${ok}Content-Length: 0x5\r\n\r\nhello`],
  ['a length past all bounds', `${ok}Content-Length: 9999999999999999\r\n\r\nhello`],
  ['an empty length', `${ok}Content-Length:\r\n\r\nhello`],
  ['both lengths', `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['another coding', `${ok}Transfer-Encoding: gzip\r\n\r\nx`],
  ['another coding besides', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['chunked twice', `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a head past its bound', `${ok}X: ${'x'.repeat(headBytesMax)}\r\n\r\n`],
  ['a head without an end past its bound', `${ok}X: ${'x'.repeat(headBytesMax)}`],
  ['too many interim answers', 'HTTP/1.1 103 x\r\n\r\n'.repeat(65)],
  ...[
    'x\r\n',
    '\r\n',
    '-1\r\n',
    '0x1\r\n',
    ' 1\r\n',
    '1\n',
    '1;\0\r\n',
    '1234567890abc\r\n',
    `1;${'x'.repeat(1_100)}`,
  ].map(
    (size) => [`the chunk size ${JSON.stringify(size.slice(0, 20))}`, `${ok}${chunked}${size}x\r\n0\r\n\r\n`] as const,
  ),
  ['a chunk that is longer than its size', `${ok}${chunked}1\r\nxx\r\n0\r\n\r\n`],
  ['a trailer that is no field', `${ok}${chunked}0\r\nno field\r\n\r\n`],
  ['trailers past their bound', `${ok}${chunked}0\r\n${'T: x\r\n'.repeat(headBytesMax)}\r\n`],
]

for (const [name, bytes, body, persists, method] of answers) {
  test(`an answer with ${name} is read to its end, however it comes`, () => {
    for (const pieces of [[bytes], [...bytes]]) {
      const seen = read(pieces, method)
      assert.deepEqual([seen.body, seen.isComplete, seen.persists], [body, true, persists])
    }
  })
}

for (const [name, bytes] of faults) {
  test(`${name}: no answer`, () => {
    assert.throws(() => read([bytes]), UpstreamFault)
    assert.throws(() => read([...bytes]), UpstreamFault)
  })
}

test('fields come as they were sent, in their order, without the space around them', () => {
  const { status, rawHeaders } = read([
    `HTTP/1.1 418 x\r\nSet-Cookie: a=1\r\nx-odd:caf\u00e9\r\nSet-Cookie:  b=2 \r\n\r\n`,
  ])
  assert.deepEqual([status, rawHeaders], [418, ['Set-Cookie', 'a=1', 'x-odd', 'caf\u00e9', 'Set-Cookie', 'b=2']])
})

test('what stands behind an answer is not read, and ends the connection', () => {
  const next = `${ok}Content-Length: 6\r\n\r\nsecret`
  for (const [bytes, body, method] of [
    [`${ok}Content-Length: 2\r\n\r\nok`, 'ok'],
    [`${ok}${chunked}2\r\nok\r\n0\r\n\r\n`, 'ok'],
    ['HTTP/1.1 204 x\r\n\r\n', ''],
    ['HTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\n', ''],
    [`${ok}Content-Length: 2\r\n\r\n`, '', 'HEAD'],
  ] as const) {
    const seen = read([bytes + next], method)
    assert.deepEqual([seen.body, seen.isComplete, seen.persists], [body, true, false])
  }
})

test('an answer that breaks off is not complete', () => {
  for (const [, bytes] of answers.filter(([name]) => name !== 'neither length nor chunks')) {
    for (let end = 0; end < bytes.length; end += 1) {
      assert.ok(!read([bytes.slice(0, end)]).isComplete, JSON.stringify(bytes.slice(0, end)))
    }
  }
})

test('how the bytes are cut makes no difference', async () => {
  const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 6 })
  const property = fc.property(fc.constantFrom(...answers), cuts, ([, bytes, , , method], cuts) => {
    const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]
    const pieces = places.slice(1).map((to, at) => bytes.slice(places[at], to))
    assert.deepEqual(
      read(
        pieces.filter((piece) => piece !== ''),
        method,
      ),
      read([bytes], method),
    )
  })
  await assertProperty('answer-reader-cuts', property, { numRuns: 500 })
})

test('any bytes are an answer or a fault, never anything else', async () => {
  const words = fc.constantFrom(
    ok,
    chunked,
    '\r\n',
    '\n',
    '0',
    '5',
    ':',
    'Content-Length: 5\r\n',
    'HTTP/1.1 103 x\r\n',
    'a',
    ' ',
    '\0',
  )
  const property = fc.property(fc.array(words, { maxLength: 30 }), (pieces) => {
    try {
      read([pieces.join('')])
    } catch (error) {
      if (!(error instanceof UpstreamFault)) throw error
    }
  })
  await assertProperty('answer-reader-words', property, { numRuns: 2_000 })
})

test('an answer is read as if none had come before it, whichever that was and how often', () => {
  const all = [...answers, ...faults].map(([, bytes, , , method]) => ({ bytes, method }))
  for (const before of answers) {
    const [, head, , persists, headMethod] = before
    if (!persists) continue
    for (const { bytes, method } of all) {
      const reader = new AnswerReader(headBytesMax)
      for (let time = 0; time < 2; time += 1) read([head], headMethod, reader)
      assert.deepEqual(
        outcome(() => read([bytes], method, reader)),
        outcome(() => read([bytes], method)),
        bytes,
      )
    }
  }
})

test('the very head of the answer before is known, and one that differs in a byte is not', () => {
  const good = `${ok}Content-Length: 5\r\nConnection: keep-alive\r\nKeep-Alive: timeout=7\r\nX: y\r\n\r\n`
  const knows = (bytes: string): boolean => {
    const reader = new AnswerReader(headBytesMax)
    let isKnown = false
    const parts = {
      head: (_status: number, _fields: string[], known?: object) => (isKnown = known !== undefined),
      piece: () => {},
      whole: () => {},
    }
    for (const text of [`${good}hello`, bytes]) {
      reader.begin('GET')
      reader.read(Buffer.from(text, 'latin1'), text.length, parts)
    }
    assert.equal(reader.idleSecondsMax, 7)
    return isKnown
  }
  assert.equal(knows(`${good}other`), true)
  assert.equal(knows(`${good.replace('y', 'z')}hello`), false)
  const signs = ['', '\0', '\r', '\n', ' ', ':', '5', '\xff']
  for (let at = 0; at < good.length - 4; at += 1) {
    for (const bytes of signs.map((sign) => `${good.slice(0, at)}${sign}${good.slice(at + 1)}hello`)) {
      const reader = new AnswerReader(headBytesMax)
      read([`${good}hello`], 'GET', reader)
      assert.deepEqual(
        outcome(() => read([bytes], 'GET', reader)),
        outcome(() => read([bytes])),
        bytes,
      )
    }
  }
})

/** What was read, or why not. */
const outcome = (reading: () => Read): unknown => {
  try {
    return reading()
  } catch (fault) {
    assert.ok(fault instanceof UpstreamFault)
    return fault.message
  }
}
