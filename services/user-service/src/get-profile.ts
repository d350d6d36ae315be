import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Users } from '@gatehouse/contract/users.ts'
import type { Ports } from './ports.ts'

/** Answers the caller's own profile. There is no way to name another's. */
export const getProfile =
  ({ profiles }: Pick<Ports, 'profiles'>): Users['getProfile'] =>
  async (_input, { userId }) => {
    const profile = await profiles.find(userId)
    if (profile === undefined) throw refuse('profile-not-found')
    return { user_id: userId, profile }
  }
