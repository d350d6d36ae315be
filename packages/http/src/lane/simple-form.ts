/**
 * The form of a request that no two parsers read in two ways. What is not of it is for `node:http` to read or refuse.
 */

/** Those that are read here. */
const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH'] as const

const begun = String.raw`(?:${methods.join('|')}) /[\w\-.~!$&'()*+,;=:@/?%]*`
const version = ' HTTP/1.1\r\n'
const line = String.raw`^${begun} HTTP/1\.1\r\n`
const name = String.raw`[\w!#$%&'*+\-.^${'`'}|~]+`
const field = String.raw`${name}:[\t\x20-\x7e]*\r\n`

/** The request line (RFC 9112, section 3): in origin form, of the characters that RFC 3986 has for paths and queries. */
export const lineForm = new RegExp(line)

/**
 * All that follows at one look: fields, an empty line, and nothing behind that (RFC 9112, section 5). Values of ASCII.
 * Every line ends in CRLF, and no line is folded, for a name has no space in it.
 */
export const fieldsForm = new RegExp(String.raw`^(?:${field})+\r\n$`)

/**
 * Whether a head of this form may begin so, and `node:http` would have nothing to say to it yet. Fields that tell where
 * the body ends are compared by it as they come: with them nothing waits here.
 */
export const isBegunHead = (text: string): boolean => {
  if (text.includes('\r\n')) return begunFieldsForm.test(text) && !tellsOfABody.test(text)
  const [, behind] = begunLineForm.exec(text) ?? []
  return behind === undefined ? methods.some((method) => `${method} /`.startsWith(text)) : version.startsWith(behind)
}

/** The method and the target, and what there is behind them. */
const begunLineForm = new RegExp(`^${begun}([^]*)$`)

/** A line of which the end has not come may be a field, or the empty one. */
const begunFieldsForm = new RegExp(String.raw`${line}(?:${field})*(?:${name}(?::[\t\x20-\x7e]*\r?)?|\r)?$`)

const tellsOfABody = /\r\n(?:content-length|transfer-encoding):/i
