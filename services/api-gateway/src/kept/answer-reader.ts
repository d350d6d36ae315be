import { ChunkedBody } from './chunked-body.ts'
import type { KnownAnswer } from './known-answer.ts'
import { UpstreamFault } from './upstream-fault.ts'

/** Told of the parts of an answer, in their order. */
export type AnswerParts = {
  /** Flat: name, value, name, value. `100` to `199` never come here. `known` when this very head came before. */
  readonly head: (status: number, rawHeaders: string[], known?: KnownAnswer) => void
  /** A piece of the body: only until this returns, then its memory is read into again. */
  readonly piece: (bytes: Buffer) => void
  /** All of the body at once, as Latin-1, instead of pieces. It is not empty. */
  readonly whole: (body: string) => void
}

type Body = 'none' | 'length' | 'chunked' | 'until-close'

/**
 * Reads the answers of one connection, one after the other, by RFC 9112 and no more lenient than that: an intermediary
 * that guesses where an answer ends gives one client the bytes of another. Throws an `UpstreamFault` on whatever it
 * cannot read in one way only; the connection is of no use then.
 */
export class AnswerReader {
  readonly #headBytesMax: number
  /** What has come of a head that is not complete. */
  #held: Buffer | undefined
  #pieces = 0
  #isHeadRead = false
  #interim = 0
  #body: Body = 'none'
  #left = 0
  #chunked: ChunkedBody | undefined
  #ofHead = false
  /** The head before, which is often the same: what was read of it is not read again. */
  #known: KnownAnswer | undefined
  /** Whether another request may follow on this connection. */
  persists = true
  /** What the upstream says of how long it keeps an idle connection; Infinity when it says nothing. */
  idleSecondsMax = Infinity

  constructor(headBytesMax: number) {
    this.#headBytesMax = headBytesMax
  }

  /** Makes ready for the answer to a request. `HEAD` is told what a body would be, and gets none. */
  begin(method: string): void {
    this.#ofHead = method === 'HEAD'
    this.#isHeadRead = false
    this.#interim = 0
    this.#pieces = 0
  }

  /**
   * Takes the first `count` bytes of this memory: what came. True when the answer is complete; what came behind it is
   * nobody's and ends the connection.
   */
  read(memory: Buffer, count: number, parts: AnswerParts): boolean {
    let readTo = 0
    if (!this.#isHeadRead && this.#held === undefined && count <= oneStringBytesMax) {
      // Most answers come in one piece and are small: one string is made of it, and no buffer.
      const text = memory.toString('latin1', 0, count)
      const end = text.indexOf('\r\n\r\n')
      if (end !== -1 && end <= this.#headBytesMax) {
        this.#readHead(text.slice(0, end + 2), parts)
        if (this.#isWhole(text.length - end - 4)) {
          parts.whole(text.slice(end + 4))
          return true
        }
        readTo = end + 4
      }
    }
    let rest = memory.subarray(readTo, count)
    while (!this.#isHeadRead) {
      const whole = this.#held === undefined ? rest : Buffer.concat([this.#held, rest])
      const end = whole.indexOf(blankLine)
      if (end === -1 ? whole.length > this.#headBytesMax : end > this.#headBytesMax) {
        throw new UpstreamFault('the head of the answer is too long')
      }
      if (end === -1) return this.#hold(whole)
      this.#held = undefined
      this.#readHead(whole.toString('latin1', 0, end + 2), parts)
      rest = whole.subarray(end + 4)
    }
    return this.#readBody(rest, parts)
  }

  /** The upstream has closed. True when that is how this answer ends (RFC 9112, section 6.3, rule 8). */
  closed(): boolean {
    return this.#isHeadRead && this.#body === 'until-close'
  }

  /** Whether anything has come of the answer. */
  hasBegun(): boolean {
    return this.#isHeadRead || this.#held !== undefined || this.#interim > 0
  }

  /** Whether so many bytes behind the head are the body, all of it and nothing else. */
  #isWhole(count: number): boolean {
    return this.#isHeadRead && this.#body === 'length' && this.#left === count && count > 0
  }

  #hold(whole: Buffer): false {
    this.#pieces += 1
    if (this.#pieces > headPiecesMax) throw new UpstreamFault('the head of the answer comes in too many pieces')
    // What can only become nonsense is not waited for.
    const text = whole.toString('latin1')
    const lines = text.slice(0, text.lastIndexOf('\n') + 1)
    const isWell = lines === '' ? 'HTTP/1.'.startsWith(text.slice(0, 7)) : headForm.test(lines)
    if (!isWell) throw new UpstreamFault('the head of the answer is not HTTP/1.1')
    // A copy: the memory it came in is read into again.
    this.#held = Buffer.from(whole)
    return false
  }

  #readHead(text: string, parts: AnswerParts): void {
    const known = this.#known
    if (known?.text === text) {
      this.persists = known.persists
      this.idleSecondsMax = known.idleSecondsMax
      this.#isHeadRead = true
      this.#frame(known.status, known.length, known.coding, known.isOld)
      return parts.head(known.status, known.rawHeaders, known)
    }
    // One look for the syntax of all of it: names, no folding, no CR, LF or NUL inside a line.
    if (!headForm.test(text)) throw new UpstreamFault('the head of the answer is not HTTP/1.1')
    const status = Number(text.slice(9, 12))
    if (status < 200) return this.#passOver(status)
    if (status > 599) throw new UpstreamFault(`status ${status}`)
    const isOld = text.charCodeAt(7) === zero
    const rawHeaders: string[] = []
    let length: string | undefined
    let coding: string | undefined
    this.persists = !isOld
    this.idleSecondsMax = Infinity
    for (let at = text.indexOf('\r\n') + 2; at < text.length;) {
      const colon = text.indexOf(':', at)
      const end = text.indexOf('\r\n', colon)
      const name = text.slice(at, colon)
      const value = trimmed(text, colon + 1, end)
      rawHeaders.push(name, value)
      at = end + 2
      // The length first: it rules out nearly every field without making a lower-case copy.
      if (name.length === 10) this.#readConnection(name.toLowerCase(), value.toLowerCase(), isOld)
      else if (name.length === 14 && name.toLowerCase() === 'content-length') {
        if (length !== undefined) throw new UpstreamFault('more than one Content-Length')
        length = value
      } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
        if (coding !== undefined) throw new UpstreamFault('more than one Transfer-Encoding')
        coding = value
      }
    }
    this.#isHeadRead = true
    const { persists, idleSecondsMax } = this
    this.#frame(status, length, coding, isOld)
    if (text.length <= headKeptMax) {
      this.#known = { text, status, rawHeaders, length, coding, isOld, persists, idleSecondsMax, goingOn: undefined }
    }
    parts.head(status, rawHeaders)
  }

  /** Interim answers were meant for us (RFC 9110, section 15.2); a switch of protocols was not asked for. */
  #passOver(status: number): void {
    this.#interim += 1
    this.#pieces = 0
    if (status < 100 || status === 101) throw new UpstreamFault(`status ${status}`)
    if (this.#interim > interimMax) throw new UpstreamFault('too many interim answers')
  }

  #readConnection(name: string, value: string, isOld: boolean): void {
    if (name === 'connection') {
      if (/(?:^|[\t ,])close(?:$|[\t ,])/.test(value)) this.persists = false
      else if (isOld && value === 'keep-alive') this.persists = true
    } else if (name === 'keep-alive') {
      const [, seconds] = /(?:^|[\t ,])timeout=(\d{1,9})(?:$|[\t ,])/.exec(value) ?? []
      if (seconds !== undefined) this.idleSecondsMax = Number(seconds)
    }
  }

  /** RFC 9112, section 6.3, without its leniencies. */
  #frame(status: number, length: string | undefined, coding: string | undefined, isOld: boolean): void {
    if (coding !== undefined) {
      if (length !== undefined) throw new UpstreamFault('both Content-Length and Transfer-Encoding')
      if (isOld || coding.toLowerCase() !== 'chunked') throw new UpstreamFault('Transfer-Encoding other than chunked')
    }
    if (length !== undefined && !lengthForm.test(length)) throw new UpstreamFault('Content-Length is not a length')
    if (this.#ofHead || status === 204 || status === 304) {
      this.#body = 'none'
      // Some services send the body that they tell of all the same. What of it comes a moment later, behind the next
      // request, would be that client's answer, and whoever chose the body would have written it.
      if (this.#ofHead || coding !== undefined || Number(length ?? 0) > 0) this.persists = false
    } else if (coding !== undefined) {
      this.#body = 'chunked'
      this.#chunked = new ChunkedBody(this.#headBytesMax)
    } else if (length !== undefined) {
      this.#body = 'length'
      this.#left = Number(length)
    } else {
      this.#body = 'until-close'
      this.persists = false
    }
  }

  #readBody(bytes: Buffer, { piece }: AnswerParts): boolean {
    if (this.#body === 'until-close') {
      if (bytes.length > 0) piece(bytes)
      return false
    }
    let end = 0
    if (this.#body === 'length') {
      end = Math.min(this.#left, bytes.length)
      this.#left -= end
      if (end > 0) piece(end === bytes.length ? bytes : bytes.subarray(0, end))
      if (this.#left > 0) return false
    } else if (this.#body === 'chunked') {
      end = this.#chunked?.read(bytes, piece) ?? -1
      if (end === -1) return false
      this.#chunked = undefined
    }
    if (end < bytes.length) this.persists = false
    return true
  }
}

const blankLine = Buffer.from('\r\n\r\n')
const zero = 48
const interimMax = 64
/** Head and body together; for a longer answer the copies cost more than a second piece. */
const oneStringBytesMax = 16_384
/** In characters, for as long as the connection lives; what came with it is kept along, `oneStringBytesMax` at most. */
const headKeptMax = 2_048
/** Each is looked at with all before it: an upstream that drips must not make that the work of millions. */
const headPiecesMax = 512

/** Status line and whole fields (RFC 9112, sections 4 and 5), each with its line's end. */
const headForm =
  /^HTTP\/1\.[01] \d{3}(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/

const lengthForm = /^\d{1,15}$/

/** Without the white space around it (RFC 9110, section 5.5). */
const trimmed = (text: string, from: number, to: number): string => {
  let start = from
  let end = to
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

const isSpace = (code: number): boolean => code === 32 || code === 9
