import type { PasswordHasher } from '@gatehouse/passwords/password-hasher.ts'

/** A hasher that costs nothing, for tests that log in thousands of times. It hides no password from anybody. */
export const cheapPasswords: PasswordHasher = {
  admit: () => {},
  hash: async (password) => `plain:${password}`,
  verify: async (stored, password) => ({ ok: stored === `plain:${password}`, weak: false }),
}
