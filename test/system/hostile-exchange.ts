import { connect } from 'node:net'
import type { HostileRequest } from './hostile-requests/hostile-request.ts'

/** What came back on the connection of a hostile request. */
export type Heard = {
  /** As in the table: the status, for a problem its code too. */
  readonly answers: readonly string[]
  /** The gateway has closed the connection. */
  readonly closed: boolean
  readonly text: string
}

/**
 * Sends the row's bytes and listens: until the connection is closed or, when it should stay open, until a request that
 * follows has been answered on it, which is taken off again.
 */
export const hostileExchange = async (port: number, row: HostileRequest): Promise<Heard> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  const ended = new Promise<boolean>((resolve) => {
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.once('end', () => resolve(true))
    // A reset is an end as well; whether the answer arrived before it is seen in the text.
    socket.on('error', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
  socket.setTimeout(silentMsMax, () => socket.destroy())
  const pieces = typeof row.bytes === 'string' ? [row.bytes] : row.bytes
  for (const piece of pieces) {
    if (!socket.writable) break
    await new Promise<void>((resolve) => socket.write(piece, 'latin1', () => resolve()))
    if (pieces.length > 1) await new Promise(setImmediate)
  }
  if (row.halfCloses === true) socket.end()
  if (row.closes) {
    const closed = await ended
    socket.destroy()
    return { answers: answersIn(text), closed, text }
  }
  const wanted = row.answers.length
  const closed = await Promise.race([ended, hasAnswers(() => answersIn(text).length >= wanted || socket.destroyed)])
  if (closed !== true) {
    socket.write('GET /health HTTP/1.1\r\nHost: gate.test\r\n\r\n')
    await Promise.race([ended, hasAnswers(() => answersIn(text).length > wanted || socket.destroyed)])
  }
  const answers = answersIn(text)
  const isUsable = answers.length === wanted + 1 && answers.at(-1) === '200' && text.includes('"gateway":"healthy"')
  socket.destroy()
  return { answers: isUsable ? answers.slice(0, -1) : answers, closed: !isUsable, text }
}

/** Longer than any answer of the table takes, shorter than any of the gateway's own time-outs. */
const silentMsMax = 4_000

const hasAnswers = async (isSo: () => boolean): Promise<undefined> => {
  while (!isSo()) await new Promise(setImmediate)
}

/** The answers in what came, one after the other. */
export const answersIn = (text: string): readonly string[] => {
  const answers: string[] = []
  for (let rest = text; rest !== '';) {
    const found = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest)
    if (found === null) return [...answers, `not an answer: ${rest.slice(0, 80)}`]
    const [head, status = '', fields = ''] = found
    if (status.startsWith('1')) {
      answers.push(status)
      rest = rest.slice(head.length)
      continue
    }
    const length = Number(/^content-length: (\d+)\r$/im.exec(fields)?.[1] ?? 0)
    const body = rest.slice(head.length, head.length + length)
    if (body.length < length) return answers
    answers.push(isProblem(fields) ? `${status} ${codeIn(body)}` : status)
    rest = rest.slice(head.length + length)
  }
  return answers
}

const isProblem = (fields: string): boolean => /^content-type: application\/problem\+json\r$/im.test(fields)

const codeIn = (body: string): string => /"code":"([a-z0-9-]+)"/.exec(body)?.[1] ?? 'without a code'
