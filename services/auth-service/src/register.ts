import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { identity } from './normal-form.ts'
import type { Ports } from './ports.ts'

/** Opens an account. The password is hashed before the transaction, never inside it. */
export const register =
  ({ accounts, passwords, passwordPolicy, ids }: Ports): Auth['register'] =>
  async ({ username, email, password }) => {
    const fault = passwordPolicy(password)
    if (fault !== undefined) throw refuse('invalid-request', { errors: [{ path: '/password', message: fault }] })
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
