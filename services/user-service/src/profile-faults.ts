import type { MemberError } from '@gatehouse/contract/refusals.ts'
import { profileLimits } from '@gatehouse/contract/users.ts'
import type { Profile } from './ports.ts'

/** What is wrong with these members beyond what their schemas say: that they would not come back as they were sent. */
export const profileFaults = ({ bio, avatar, preferences }: Partial<Profile>): readonly MemberError[] => [
  ...fault('/bio', textFault(bio ?? '')),
  ...fault('/avatar', textFault(avatar ?? '')),
  ...fault('/preferences', preferencesFault(preferences ?? {})),
]

const fault = (path: string, message: string | undefined): readonly MemberError[] =>
  message === undefined ? [] : [{ path, message }]

// Half of a surrogate pair has no UTF-8 and would be stored as a replacement character; NUL ends the text for half of
// the world's tools.
const textFault = (text: string): string | undefined => {
  if (text.includes('\0')) return 'must not contain NUL characters'
  return text.isWellFormed() ? undefined : 'must be well-formed Unicode text'
}

// The depth first: JSON.stringify and whoever reads the answer recurse, and a body has room for tens of thousands of
// brackets.
const preferencesFault = (preferences: Profile['preferences']): string | undefined => {
  const found = valueFault(preferences, 1)
  if (found !== undefined) return found
  return Buffer.byteLength(JSON.stringify(preferences)) > profileLimits.preferencesBytesMax
    ? `must have at most ${profileLimits.preferencesBytesMax} bytes as JSON`
    : undefined
}

/** MySQL's own limit for JSON, so that the column could become one. */
const depthMax = 100

const valueFault = (value: unknown, depth: number): string | undefined => {
  if (typeof value === 'string') return textFault(value)
  // JSON.parse makes Infinity of 1e999, which is written as null.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'must not contain numbers that are too large'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > depthMax) return `must not be nested deeper than ${depthMax} levels`
  for (const [name, member] of Object.entries(value)) {
    const found = textFault(name) ?? valueFault(member, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
