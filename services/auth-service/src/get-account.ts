import type { Auth } from '@gatehouse/contract/auth.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Ports } from './ports.ts'

/** Tells the caller what is kept of them. */
export const getAccount =
  ({ accounts }: Ports): Auth['getAccount'] =>
  async (_input, { userId }) => {
    const details = await accounts.describe(userId)
    if (details === undefined) throw refuse('token-revoked')
    const { username, email, createdAt } = details
    return { user_id: userId, username, email, created_at: new Date(createdAt).toISOString() }
  }
