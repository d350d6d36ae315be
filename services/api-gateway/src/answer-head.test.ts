import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writtenFields } from '@gatehouse/http/lane/written-fields.ts'
import { writeAnswerHead } from './answer-head.ts'
import { AnswerReader } from './kept/answer-reader.ts'
import { Attempt } from './kept/attempt.ts'

const text =
  'HTTP/1.1 200 OK\r\nX-Request-Id: theirs\r\nVary: a\r\nRateLimit: theirs\r\nConnection: X-Own\r\nX-Own: 1\r\n' +
  'Access-Control-Allow-Origin: *\r\nServer: s\r\nContent-Length: 0\r\n\r\n'

/** What the gateway says beside it, on several routes. */
const besides = [
  { answerHeaders: ['x-request-id', '1'], saysCors: false },
  { answerHeaders: ['x-request-id', '2'], saysCors: false },
  { answerHeaders: ['x-request-id', '2'], saysCors: true },
  { answerHeaders: ['x-request-id', '3', 'ratelimit', '4'], saysCors: false },
  { answerHeaders: ['x-request-id', '3', 'vary', 'origin'], saysCors: true },
  { answerHeaders: [], saysCors: false },
]

test('a head that comes again is sent on as if it came for the first time, whatever we say beside it', () => {
  const reader = new AnswerReader(text.length)
  /** The head of the next answer as it goes on: by an answer that can take what is written out, or by one that cannot. */
  const next = (onward: (typeof besides)[number], closes: boolean, takesWritten: boolean): string => {
    const attempt = new Attempt('GET', '', {})
    let head = ''
    const res = {
      writeHead: (status: number, fields: readonly string[]) => {
        head = `${status} ${writtenFields(fields).text}`
      },
    }
    const writing = {
      ...res,
      writeHeadWith: (status: number, fields: readonly string[], others: { readonly text: string }) => {
        head = `${status} ${writtenFields(fields).text}${others.text}`
      },
    }
    reader.begin('GET')
    reader.read(Buffer.from(text, 'latin1'), text.length, {
      head: (status, rawHeaders, known) => {
        attempt.answer(status, rawHeaders, known)
        writeAnswerHead(takesWritten ? writing : res, status, attempt, onward, closes)
      },
      piece: () => {},
      whole: () => {},
    })
    return head
  }
  for (const one of besides) {
    for (const other of besides) {
      for (const closes of [false, true]) {
        for (const onward of [one, one, other]) {
          assert.equal(next(onward, closes, true), next(onward, closes, false), JSON.stringify(onward))
        }
      }
    }
  }
})
