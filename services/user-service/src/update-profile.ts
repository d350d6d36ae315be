import { refuse } from '@gatehouse/contract/refusals.ts'
import type { Users } from '@gatehouse/contract/users.ts'
import type { Ports } from './ports.ts'
import { profileFaults } from './profile-faults.ts'

/** Writes the members that were sent; the first write makes the profile, even an empty one, as the reference does. */
export const updateProfile =
  ({ profiles }: Pick<Ports, 'profiles'>): Users['updateProfile'] =>
  async (changes, { userId }) => {
    const errors = profileFaults(changes)
    if (errors.length > 0) throw refuse('invalid-request', { errors })
    // The token is good, but it is of an account that was deleted a moment ago: this node may hear of that later than
    // the profile did.
    if ((await profiles.write(userId, changes)) === 'erased') throw refuse('token-revoked')
    return { message: 'Profile updated successfully' }
  }
