import type { HeadMemory } from './head-memory.ts'
import { fieldsForm, lineForm } from './simple-form.ts'

/** What there is of a request that has come as a whole, but for its body. */
export type RequestHead = {
  readonly method: string
  readonly target: string
  /** Flat: name, value, name, value. */
  readonly rawHeaders: readonly string[]
  /** All that follows the request line, as it came; absent when it is too long to be kept. */
  readonly fields: string | undefined
  /** Characters of `fields` behind the value of `Authorization`; absent when there is none, or several. */
  readonly behindCredential: number | undefined
  /** Whether the fields are, byte for byte, those of a request before it: `rawHeaders` is the same array then. */
  readonly isRepeated: boolean
  /** So many bytes behind it are its body. Absent where none is expected, which is not the same as an empty one. */
  readonly bodyBytes: number | undefined
}

/**
 * Reads one whole request, with its body where it is a POST, PUT or PATCH, when no two parsers could read it in two
 * ways; answers nothing in every other case, also for requests that are perfectly good. What is left out is for
 * `node:http` to read or to refuse.
 *
 * Most connections bring the same fields with every request, token and all. What was read of `last`, or of one in
 * `memory`, is then not read again, for the same bytes say the same: to compare them takes 0.05 µs, to read them 1.2.
 */
export const requestHead = (bytes: Buffer, last?: RequestHead, memory?: HeadMemory): RequestHead | undefined => {
  // POST, PUT and PATCH: no other method that is read here begins like them.
  const hasBody = bytes[0] === letterP
  const end = hasBody ? bytes.indexOf(blankLine) + blankLine.length : bytes.length
  // What is read of the head is kept with the connection, and would keep the body with it.
  const text = bytes.toString('latin1', 0, end)
  if (!lineForm.test(text)) return undefined
  const methodEnd = text.indexOf(' ')
  const targetEnd = text.indexOf(' ', methodEnd + 1)
  const fieldsAt = targetEnd + versionLength
  const method = methodOf(methodEnd, hasBody)
  const target = text.slice(methodEnd + 1, targetEnd)
  const fields = text.slice(fieldsAt)
  const bodyBytes = hasBody ? bytes.length - end : undefined
  if (last !== undefined) {
    if (last.fields === fields && last.bodyBytes === bodyBytes) return again(method, target, last)
    // Where it ends is taken from the request before: the fields behind it come again more often than it does.
    const { behindCredential } = last
    const known = behindCredential === undefined ? undefined : memory?.find(fields, behindCredential)
    if (known !== undefined && known.bodyBytes === bodyBytes) return again(method, target, known)
  }
  if (!fieldsForm.test(fields)) return undefined
  const rawHeaders: string[] = []
  const behindCredential = readFields(text, fieldsAt, bytes, bodyBytes, rawHeaders)
  if (behindCredential === notHereAtAll) return undefined
  const head: RequestHead = {
    method,
    target,
    rawHeaders,
    fields: fields.length > fieldsKeptMax ? undefined : fields,
    behindCredential: behindCredential > 0 ? behindCredential : undefined,
    isRepeated: false,
    bodyBytes,
  }
  memory?.keep(head)
  return head
}

const again = (method: string, target: string, known: RequestHead): RequestHead => {
  const { rawHeaders, fields, behindCredential, bodyBytes } = known
  return { method, target, rawHeaders, fields, behindCredential, isRepeated: true, bodyBytes }
}

/**
 * Reads the fields from there to the end. Answers how many characters there are behind the credential; 0 when there is
 * none, or several; `notHereAtAll` when a field asks for more than an answer, or they tell of another body than came.
 */
const readFields = (
  text: string,
  from: number,
  bytes: Buffer,
  bodyBytes: number | undefined,
  rawHeaders: string[],
): number => {
  let hosts = 0
  let lengths = 0
  let credentials = 0
  let behindCredential = 0
  for (let at = from; at < text.length - 2;) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r', colon)
    const name = text.slice(at, colon)
    const valueAt = afterSpace(text, colon + 1, end)
    const valueEnd = beforeSpace(text, valueAt, end)
    let value = text.slice(valueAt, valueEnd)
    // The length first: it rules out nearly every field without making a lower-case copy.
    if (telling.has(name.length)) {
      const lower = name.toLowerCase()
      if (lower === 'host') hosts += 1
      else if (lower === 'connection') {
        if (value.toLowerCase() !== 'keep-alive') return notHereAtAll
      } else if (lower === 'content-length') {
        // To the letter: what has a sign, a nought or a comma too many is read in two ways.
        if (bodyBytes === undefined || value !== String(bodyBytes)) return notHereAtAll
        lengths += 1
      } else if (notHere.has(lower)) return notHereAtAll
      else if (lower === 'authorization') {
        // Kept for long by whoever has verified it: as a slice it would keep the whole head with it.
        value = bytes.toString('latin1', valueAt, valueEnd)
        credentials += 1
        behindCredential = text.length - valueEnd
      }
    }
    rawHeaders.push(name, value)
    at = end + 2
  }
  // None, or several: which of them is meant is not decided here.
  if (hosts !== 1 || lengths > 1) return notHereAtAll
  // A body that nobody told of is another request.
  if (lengths === 0 && bodyBytes !== undefined && bodyBytes > 0) return notHereAtAll
  return credentials === 1 ? behindCredential : 0
}

const notHereAtAll = -1

/** Which of the seven, by its length: one string for all requests, where a slice would be one for each. */
const methodOf = (length: number, hasBody: boolean): string => {
  if (hasBody) return length === 4 ? 'POST' : length === 3 ? 'PUT' : 'PATCH'
  return length === 3 ? 'GET' : length === 4 ? 'HEAD' : length === 6 ? 'DELETE' : 'OPTIONS'
}

const letterP = 0x50
const blankLine = Buffer.from('\r\n\r\n')

/** In characters. Kept for as long as the connection lives. */
const fieldsKeptMax = 4_096

/** A space, `HTTP/1.1` and the line's end. */
const versionLength = 11

/** Fields that say otherwise where the request ends, or that it wants more than an answer. */
const notHere: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'trailer',
  'upgrade',
  'expect',
  // node:http takes it for Connection.
  'proxy-connection',
  'http2-settings',
])

const telling = new Set(
  [...notHere, 'host', 'connection', 'authorization', 'content-length'].map(({ length }) => length),
)

const afterSpace = (text: string, from: number, end: number): number => {
  let at = from
  while (at < end && isSpace(text.charCodeAt(at))) at += 1
  return at
}

const beforeSpace = (text: string, from: number, end: number): number => {
  let at = end
  while (at > from && isSpace(text.charCodeAt(at - 1))) at -= 1
  return at
}

const isSpace = (code: number): boolean => code === 32 || code === 9
