import type { Ids } from '@gatehouse/ids/ids.ts'

/** Takes part in traces, as W3C Trace Context (levels 1 and 2) has it. */
export type Traces = {
  /**
   * Goes on with the trace of a `traceparent` that came with a request, or begins one where there is none or an
   * invalid one. Answers our own `traceparent`, with an id for the hop that we are.
   */
  readonly join: (theirs: string | undefined) => string
}

/** Which traces are recorded. */
export type Sampler = {
  /** Whether who began a trace has decided for all; otherwise each hop decides by the trace's id. */
  readonly followsParent: boolean
  /** The share of traces that are recorded where we decide, from 0 to 1. */
  readonly ratio: number
}

/** What the OpenTelemetry specification has when nothing is said: everything, unless the parent is not recorded. */
export const defaultSampler: Sampler = { followsParent: true, ratio: 1 }

/** Makes the part that a process takes in traces. */
export const traces = ({ bytes }: Pick<Ids, 'bytes'>, { followsParent, ratio }: Sampler): Traces => {
  const draw = hexPool(bytes)
  return {
    join: (theirs) => {
      if (theirs === undefined || !isTraceparent(theirs)) {
        const traceId = draw(traceIdLength)
        // The trace's id is random, and level 2 has a flag that says so.
        return `00-${traceId}-${draw(spanIdLength)}-0${isAmong(traceId, ratio) ? '3' : '2'}`
      }
      const traceId = theirs.slice(3, 35)
      const flags = Number.parseInt(theirs.slice(53, 55), 16)
      const isSampled = followsParent ? (flags & sampledFlag) !== 0 : isAmong(traceId, ratio)
      // Flags that nobody has defined yet are not ours to send on. Later versions may give the second another meaning.
      const isRandom = theirs.startsWith('00') ? flags & randomFlag : 0
      return `00-${traceId}-${draw(spanIdLength)}-0${isRandom | (isSampled ? sampledFlag : 0)}`
    },
  }
}

/** The trace's id in a traceparent of ours. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)

/** The id of our own hop in a traceparent of ours. */
export const spanIdOf = (traceparent: string): string => traceparent.slice(36, 52)

/** Whether a trace is recorded, by a traceparent of ours. */
export const isSampled = (traceparent: string): boolean => traceparent.endsWith('1') || traceparent.endsWith('3')

/**
 * Whether our traceparent goes on with theirs. Where theirs was invalid or absent ours has an id of its own, and they
 * differ.
 */
export const goesOn = (ours: string, theirs: string): boolean =>
  theirs.length >= traceparentLength && ours.startsWith(theirs.slice(3, 36), 3)

/**
 * What is sent on of the `tracestate` of a trace that goes on: all of it, or nothing when it breaks the grammar or the
 * bounds. Cut in the middle it would say something that nobody said.
 */
export const tracestateOf = (theirs: string): string => {
  if (theirs === '' || theirs.length > tracestateCharactersMax) return ''
  const members = theirs.split(',').filter((member) => member.trim() !== '')
  return members.length <= tracestateMembersMax && members.every((member) => tracestateMember.test(member))
    ? theirs
    : ''
}

/** Later versions may add parts behind those of today; this one has none. */
const isTraceparent = (value: string): boolean =>
  traceparentForm.test(value) && (value.length === traceparentLength || !value.startsWith('00'))

/** Ids of zeros alone are invalid, and so is the version `ff`. Lower case: upper case is not the form of any version. */
const traceparentForm = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?$/

/** Section 3.3.1.3: a key, which may name a tenant, and printable characters without comma and equals sign. */
const tracestateMember =
  /^[ \t]*[a-z\d][a-z\d_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e][ \t]*$/

const tracestateCharactersMax = 512
const tracestateMembersMax = 32

/** Of the version that we speak, and the least of any. */
const traceparentLength = 55
const traceIdLength = 32
const spanIdLength = 16
const sampledFlag = 1
const randomFlag = 2

/** By the trace's own randomness, so that every hop with the same ratio decides the same. */
const isAmong = (traceId: string, ratio: number): boolean => {
  if (ratio >= 1) return true
  // The last 52 of the 56 bits that level 2 promises to be random: as many as a number holds.
  return Number.parseInt(traceId.slice(-13), 16) >= (1 - ratio) * 2 ** 52
}

/** Hexadecimal digits at random, drawn from the operating system a page at a time: one by one they cost ten times that. */
const hexPool = (bytes: Ids['bytes']): ((length: number) => string) => {
  let pool = ''
  let at = 0
  return (length) => {
    if (at + length > pool.length) {
      pool = bytes(poolBytes).toString('hex')
      at = 0
    }
    at += length
    return pool.slice(at - length, at)
  }
}

const poolBytes = 2_048
