import type { Dispatcher } from 'undici'
import { writtenFields, type WrittenFields } from '@gatehouse/http/lane/written-fields.ts'
import type { Answering } from '@gatehouse/http/listener.ts'
import { isHopByHop, namesSoftware, noNames, withConnectionNames } from './fields.ts'
import { Attempt } from './kept/attempt.ts'
import type { KnownAnswer } from './kept/known-answer.ts'
import type { Onward } from './ports.ts'

/** Writes the head of an answer to the client. `closes` when the connection is to end with it. */
export const writeAnswerHead = (
  res: Pick<Answering, 'writeHead' | 'writeHeadWith'>,
  status: number,
  controller: Dispatcher.DispatchController,
  onward: Pick<Onward, 'answerHeaders' | 'saysCors'>,
  closes: boolean,
): void => {
  const known = controller instanceof Attempt ? controller.known : undefined
  if (known !== undefined && res.writeHeadWith !== undefined && !closes) {
    res.writeHeadWith(status, onward.answerHeaders, goingOnOf(known, onward))
    return
  }
  const head = answerHead(status, controller.rawHeaders, onward)
  if (closes) head.push('connection', 'close')
  res.writeHead(status, head)
}

type RawHeaders = Dispatcher.DispatchController['rawHeaders']

/**
 * The upstream's fields without those that concern its connection or its software, and with ours in place of its own.
 */
export const answerHead = (
  status: number,
  rawHeaders: RawHeaders,
  { answerHeaders: ours, saysCors }: Pick<Onward, 'answerHeaders' | 'saysCors'>,
): string[] => {
  const head = [...ours]
  pushTheirs(head, status, rawHeaders, ours, saysCors)
  return head
}

/** What goes on of a head that comes again is worked out once, for as long as we say the same fields beside it. */
const goingOnOf = (
  known: KnownAnswer,
  { answerHeaders, saysCors }: Pick<Onward, 'answerHeaders' | 'saysCors'>,
): WrittenFields => {
  const before = known.goingOn
  if (before?.saysCors === saysCors && areOfSameNames(before.beside, answerHeaders)) {
    return before.fields
  }
  const theirs: string[] = []
  pushTheirs(theirs, known.status, known.rawHeaders, answerHeaders, saysCors)
  const fields = writtenFields(theirs)
  known.goingOn = { fields, beside: answerHeaders, saysCors }
  return fields
}

const areOfSameNames = (one: readonly string[], other: readonly string[]): boolean => {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at += 2) if (one[at] !== other[at]) return false
  return true
}

const pushTheirs = (
  head: string[],
  status: number,
  rawHeaders: RawHeaders,
  ours: readonly string[],
  saysCors: boolean,
): void => {
  // A flat array is what undici's HTTP/1 parser gives.
  if (!Array.isArray(rawHeaders)) return
  const nominated = nominatedIn(rawHeaders)
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = text(rawHeaders[at])
    const lower = name.toLowerCase()
    if (isHopByHop(lower) || namesSoftware(lower) || isNamed(ours, lower) || nominated.has(lower)) continue
    if (saysCors && lower.startsWith('access-control-')) continue
    // RFC 9110, section 8.6: 204 has no length, and a client that believes one waits for it.
    if (status === 204 && lower === 'content-length') continue
    head.push(name, text(rawHeaders[at + 1]))
  }
}

/** Whether the upstream closes the connection behind this answer. */
export const closesConnection = (rawHeaders: RawHeaders): boolean => {
  if (!Array.isArray(rawHeaders)) return false
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (isConnection(rawHeaders[at]) && /\bclose\b/i.test(text(rawHeaders[at + 1]))) return true
  }
  return false
}

/** The names that the upstream's `Connection` fields keep to its connection. */
const nominatedIn = (rawHeaders: readonly (Buffer | string)[]): ReadonlySet<string> => {
  let names = noNames
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (isConnection(rawHeaders[at])) names = withConnectionNames(text(rawHeaders[at + 1]), names)
  }
  return names
}

const isConnection = (name: Buffer | string | undefined): boolean =>
  name?.length === 'connection'.length && text(name).toLowerCase() === 'connection'

const isNamed = (flat: readonly string[], name: string): boolean => {
  for (let at = 0; at < flat.length; at += 2) if (flat[at] === name) return name !== 'vary'
  return false
}

/** Header fields are bytes; Latin-1 takes them there and back unchanged. */
export const text = (part: Buffer | string | undefined): string =>
  typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
