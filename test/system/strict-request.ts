/** A request as it was sent, taken apart. */
export type StrictRequest = {
  readonly line: string
  /** Name and value, as they came. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** Of the whole of it, in bytes. */
  readonly length: number
}

/**
 * Reads one request from the beginning of the text by the strictest reading of RFC 9112: no folds, no bare line ends,
 * one Host, one framing, nothing in chunks but sizes and data, no trailers. Otherwise it says what is wrong.
 */
export const readRequest = (text: string): StrictRequest | 'incomplete' | `fault: ${string}` => {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return 'incomplete'
  const [line = '', ...lines] = text.slice(0, end).split('\r\n')
  if (!requestLine.test(line)) return 'fault: request line'
  const fields: (readonly [string, string])[] = []
  for (const each of lines) {
    const found = field.exec(each)
    if (found === null) return 'fault: field'
    fields.push([found[1] ?? '', found[2] ?? ''])
  }
  const values = (wanted: string): readonly string[] =>
    fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  if (values('host').length !== 1) return 'fault: Host'
  const [lengths, codings] = [values('content-length'), values('transfer-encoding')]
  if (lengths.length + codings.length > 1) return 'fault: two framings'
  const begin = end + 4
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') return 'fault: transfer coding'
    const read = readChunks(text, begin)
    return typeof read === 'string' ? read : { line, fields, ...read }
  }
  const [length = '0'] = lengths
  if (!/^\d{1,15}$/.test(length)) return 'fault: Content-Length'
  const whole = begin + Number(length)
  return text.length < whole ? 'incomplete' : { line, fields, body: text.slice(begin, whole), length: whole }
}

const readChunks = (
  text: string,
  begin: number,
): { readonly body: string; readonly length: number } | 'incomplete' | `fault: ${string}` => {
  let body = ''
  for (let at = begin; ;) {
    const end = text.indexOf('\r\n', at)
    if (end === -1) return text.length - at > 20 ? 'fault: chunk size' : 'incomplete'
    const size = text.slice(at, end)
    if (!/^[0-9a-f]{1,8}$/i.test(size)) return 'fault: chunk size'
    const data = end + 2
    const next = data + parseInt(size, 16)
    if (text.length < next + 2) return 'incomplete'
    if (text.slice(next, next + 2) !== '\r\n') return 'fault: chunk end'
    if (next === data) return { body, length: next + 2 }
    body += text.slice(data, next)
    at = next + 2
  }
}

const requestLine = /^[A-Z][A-Z-]* (?:\/[\x21-\x7e]*|\*) HTTP\/1\.1$/

const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/
