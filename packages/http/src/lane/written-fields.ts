/** Fields of an answer as they are written, and what of them decides what else has to be said. */
export type WrittenFields = {
  /** Each with its line's end. */
  readonly text: string
  readonly hasDate: boolean
  readonly hasLength: boolean
  readonly hasConnection: boolean
  /** `Connection` says `close`. */
  readonly closes: boolean
}

/** Writes out fields, flat. Throws when one is not written as a field is. */
export const writtenFields = (fields: readonly string[]): WrittenFields => {
  let text = ''
  let hasLength = false
  let hasDate = false
  let hasConnection = false
  let closes = false
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? ''
    const value = fields[at + 1] ?? ''
    text += lineOf(name, value)
    if (name.length === 4) hasDate ||= name.toLowerCase() === 'date'
    else if (name.length === 14) hasLength ||= name.toLowerCase() === 'content-length'
    else if (name.length === 10 && name.toLowerCase() === 'connection') {
      hasConnection = true
      if (value.toLowerCase() === 'close') closes = true
    }
  }
  return { text, hasDate, hasLength, hasConnection, closes }
}

/** Whoever lets a line's end into a field has answered for somebody else. */
const lineOf = (name: string, value: string): string => {
  if (!nameForm.test(name) || !valueForm.test(value)) throw new TypeError(`${name} is not written as a field is`)
  return `${name}: ${value}\r\n`
}

/** RFC 9110, sections 5.1 and 5.5: each by itself, for a line's end inside of one makes two good lines. */
const nameForm = /^[\w!#$%&'*+\-.^`|~]+$/
const valueForm = /^[\t\x20-\x7e\x80-\xff]*$/
