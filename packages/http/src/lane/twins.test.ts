import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { requestHead } from './request-head.ts'
import { isBegunHead } from './simple-form.ts'
import { echo, get, serving } from './testing.ts'

/** What comes back for these bytes, until the other side closes. The date is now. */
const answerTo = (port: number, bytes: string, { before = '', leavesOpen = false } = {}): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text.replaceAll(/^Date: .*$/gm, 'Date: now')))
    if (leavesOpen) socket.write(bytes, 'latin1')
    else if (before === '') socket.end(bytes, 'latin1')
    // A packet of its own, which has been read when the next one is written.
    else socket.write(before, 'latin1', () => setImmediate(() => socket.end(bytes, 'latin1')))
  })

/** Characters that mean something to a parser, or to one of many. */
const telling = '\0\t\n\x0b\r !"#%(),/:;=@AZaz[\\]_{}~\x7f\x80\xff01'

const post = 'PUT /a HTTP/1.1\r\nHost: a:1\r\nContent-Length: 9\r\nX: y\r\n\r\na: \r\n\r\n0\xff'

const head =
  'GET /a?b HTTP/1.1\r\nHost: a:1\r\nX:  b c \t\r\nConnection: keep-alive\r\nContent-Lengtt: 1\r\nK: \r\n\r\n'

const mutantsOf = (bytes: string): readonly string[] =>
  Array.from(bytes, (_, at) => [
    `${bytes.slice(0, at)}${bytes.slice(at + 1)}`,
    ...Array.from(telling, (sign) => `${bytes.slice(0, at)}${sign}${bytes.slice(at + 1)}`),
    ...Array.from('\r\n\t :X', (sign) => `${bytes.slice(0, at)}${sign}${bytes.slice(at)}`),
  ]).flat()

/** Where a length is told: of one digit, in any form that somebody may take for it. */
const lengths = ['', '0', '8', '9', '10', '09', '+9', '-9', '9 9', '9,9', '9, 9', '9;9', '0x9', '9.0', '9e0', '٩', '９']
  .concat([
    '9\r\nContent-Length: 9',
    '9\r\nContent-Length: 8',
    '9\r\nTransfer-Encoding: chunked',
    '18446744073709551625',
  ])
  .map((length) => post.replace('9', Buffer.from(length).toString('latin1')))

const mutants = (): readonly string[] => [...mutantsOf(head), ...mutantsOf(post), ...lengths]

test('whatever one byte of a request becomes, the lane says to it what node:http says', async () => {
  await using fast = await serving(echo)
  await using slow = await serving(echo, { lane: false })
  const all = mutants()
  const read = all.filter((bytes) => requestHead(Buffer.from(bytes, 'latin1')) !== undefined)
  assert.ok(read.length > 500 && all.length - read.length > 500, `${read.length} of ${all.length} are of the lane`)
  // Of what is not read in the lane, it is the handing over that is tested.
  const tried = [...read, ...all.filter((_, at) => at % 8 === 0)]
  for (let at = 0; at < tried.length; at += 50) {
    await Promise.all(
      tried.slice(at, at + 50).map(async (bytes) => {
        const [said, expected] = await Promise.all([answerTo(fast.port, bytes), answerTo(slow.port, bytes)])
        assert.equal(said, expected, JSON.stringify(bytes))
        assert.notEqual(said, '')
      }),
    )
  }
})

test('a request in two pieces is answered as in one, wherever it is cut', async () => {
  await using fast = await serving(echo)
  await using slow = await serving(echo, { lane: false })
  for (const whole of [get('/x'), post]) {
    const expected = await answerTo(slow.port, whole)
    await Promise.all(
      Array.from(whole, async (_, at) => {
        const [before, bytes] = [whole.slice(0, at), whole.slice(at)]
        assert.equal(await answerTo(fast.port, bytes, { before }), expected, `cut at ${at}`)
      }),
    )
  }
})

test('whatever one byte of a head becomes that is not whole, it is refused when node:http would refuse it', async () => {
  const limits = { headersTimeoutMs: 1_000, requestTimeoutMs: 1_000 }
  await using fast = await serving(echo, { limits })
  await using slow = await serving(echo, { lane: false, limits })
  const begun = [
    'g',
    'post /',
    ...Array.from(head, (_, at) => Array.from(telling, (sign) => head.slice(0, at) + sign))
      .flat()
      .filter((bytes) => bytes !== head),
    ...[
      'content-length: 1',
      'Content-Length: x',
      'Content-Length: 1\r\ncontent-length: 2',
      'Transfer-Encoding: chunked',
    ]
      .concat('Transfer-Encoding: x', 'Content-Length: 1\r\nTransfer-Encoding: chunked', 'Expect: x', 'Upgrade: x')
      .flatMap((field) => ['GET', 'POST'].map((method) => `${method} / HTTP/1.1\r\nHost: a\r\n${field}\r\nX`)),
  ]
  assert.ok(begun.some((bytes) => isBegunHead(bytes)) && begun.some((bytes) => !isBegunHead(bytes)))
  // Nearly all are waited for: a second each, so there are many at a time.
  const next = begun.values()
  await Promise.all(
    Array.from({ length: 800 }, async () => {
      for (const bytes of next) {
        const [said, expected] = await Promise.all(
          [fast, slow].map(({ port }) => answerTo(port, bytes, { leavesOpen: true })),
        )
        assert.equal(said, expected, JSON.stringify(bytes))
      }
    }),
  )
})
