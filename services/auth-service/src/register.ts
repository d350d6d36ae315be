import { accountLimits, type Auth } from '@gatehouse/contract/auth.ts'
import { refuse, type MemberError } from '@gatehouse/contract/refusals.ts'
import { identity } from './normal-form.ts'
import type { Ports } from './ports.ts'

/** Opens an account. The password is hashed before the transaction, never inside it. */
export const register =
  ({ accounts, passwords, passwordPolicy, ids }: Ports): Auth['register'] =>
  async ({ username, email, password }) => {
    const fault = passwordPolicy(password)
    if (fault !== undefined) throw refuse('invalid-request', { errors: [{ path: '/password', message: fault }] })
    const errors = tooLong(username, email)
    if (errors.length > 0) throw refuse('invalid-request', { errors })
    const account = {
      id: ids.uuidv7(),
      publicId: ids.uuidv4(),
      username: identity(username),
      email: identity(email),
      passwordHash: await passwords.hash(password),
    }
    const outcome = await accounts.create(account)
    if (outcome !== 'created') throw refuse(outcome)
    return { message: 'User registered successfully', user_id: account.publicId }
  }

/**
 * The schema bounds what was typed; its normal form, which is what is kept, can be longer (U+0958 is two letters in
 * it).
 */
const tooLong = (username: string, email: string): readonly MemberError[] =>
  [
    { path: '/username', shown: identity(username).shown, most: accountLimits.usernameMax },
    { path: '/email', shown: identity(email).shown, most: accountLimits.emailMax },
  ]
    .filter(({ shown, most }) => [...shown].length > most)
    .map(({ path, most }) => ({
      path,
      message: `must NOT have more than ${most} characters in Unicode's normal form C`,
    }))
