/** A request that consists of its head alone. */
export type RequestHead = {
  readonly method: string
  readonly target: string
  /** Flat: name, value, name, value. */
  readonly rawHeaders: readonly string[]
}

/**
 * Reads one whole request without a body, when no two parsers could read it in two ways; answers nothing in every other
 * case, also for requests that are perfectly good. What is left out is for `node:http` to read or to refuse.
 */
export const requestHead = (bytes: Buffer): RequestHead | undefined => {
  const text = bytes.toString('latin1')
  if (!headForm.test(text)) return undefined
  const methodEnd = text.indexOf(' ')
  const targetEnd = text.indexOf(' ', methodEnd + 1)
  const rawHeaders: string[] = []
  let hosts = 0
  for (let at = targetEnd + versionLength; at < text.length - 2;) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r', colon)
    const name = text.slice(at, colon)
    const from = afterSpace(text, colon + 1, end)
    const to = beforeSpace(text, from, end)
    let value = text.slice(from, to)
    // The length first: it rules out nearly every field without making a lower-case copy.
    if (telling.has(name.length)) {
      const lower = name.toLowerCase()
      if (lower === 'host') hosts += 1
      else if (lower === 'connection') {
        if (value.toLowerCase() !== 'keep-alive') return undefined
      } else if (notHere.has(lower)) return undefined
      // Kept for long by whoever has verified it: as a slice it would keep the whole head with it.
      else if (lower === 'authorization') value = bytes.toString('latin1', from, to)
    }
    rawHeaders.push(name, value)
    at = end + 2
  }
  // None, or several: which of them is meant is not decided here.
  if (hosts !== 1) return undefined
  return { method: text.slice(0, methodEnd), target: text.slice(methodEnd + 1, targetEnd), rawHeaders }
}

/**
 * The whole of it at one look: request line, fields, an empty line, and nothing behind that (RFC 9112, sections 3 and
 * 5). Targets in origin form, of the characters that RFC 3986 has for paths and queries. Values of ASCII. Every line
 * ends in CRLF, and no line is folded, for a name has no space in it.
 */
const headForm =
  /^(?:GET|HEAD|DELETE|OPTIONS) \/[\w\-.~!$&'()*+,;=:@/?%]* HTTP\/1\.1\r\n(?:[\w!#$%&'*+\-.^`|~]+:[\t\x20-\x7e]*\r\n)+\r\n$/

/** A space, `HTTP/1.1` and the line's end. */
const versionLength = 11

/** Fields that say where the request ends, or that it wants more than an answer. */
const notHere: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'expect',
  // node:http takes it for Connection.
  'proxy-connection',
  'http2-settings',
])

const telling = new Set([...notHere, 'host', 'connection', 'authorization'].map(({ length }) => length))

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
