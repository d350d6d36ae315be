import { readFileSync } from 'node:fs'
import { accountLimits } from '@gatehouse/contract/auth.ts'

/** `strict` is for everyone; `relaxed` is for one's own machine, so that the reference's lines run as they stand. */
export type PasswordPolicyName = 'strict' | 'relaxed'

/** Says in a sentence what is wrong with a new password, or nothing. */
export type PasswordPolicy = (password: string) => string | undefined

/**
 * What a new password must be. No rules about digits and capitals: they make passwords worse (NIST SP 800-63B, section
 * 5.1.1.2). The list of common ones is read here, once, and only for `strict`: if it is missing, the start fails and
 * not the first account.
 */
export const passwordPolicy = (name: PasswordPolicyName): PasswordPolicy => {
  const { min, max } = lengths[name]
  const common = name === 'strict' ? commonPasswords() : undefined

  return (password) => {
    // Half of a surrogate pair has no UTF-8: all of them would become the same replacement character, and the same
    // password.
    if (!password.isWellFormed()) return 'The password must be well-formed Unicode text.'
    const normalised = password.normalize('NFC')
    const characters = [...normalised].length
    if (characters < min) return `The password must have at least ${min} characters.`
    if (characters > max) return `The password must have at most ${max} characters.`
    if (common?.has(normalised.toLowerCase())) return 'The password is one of the ten thousand most common ones.'
    return undefined
  }
}

/** Characters: code points of the normal form that is hashed, so that they count alike on every keyboard. */
const lengths = {
  strict: { min: 8, max: accountLimits.passwordMax },
  relaxed: { min: 6, max: accountLimits.passwordMax },
} as const

const commonPasswords = (): ReadonlySet<string> =>
  new Set(
    readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n'),
  )
