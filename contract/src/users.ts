import { health } from './health.ts'
import type { Handlers, Operations } from './operation.ts'
import { Type } from './schema.ts'

/** Characters, except where bytes are said. */
export const profileLimits = { bioMax: 10_000, avatarMax: 2048, preferencesBytesMax: 16_384 } as const

const bio = Type.String({ maxLength: profileLimits.bioMax })
// One schema and no union: a wrong avatar is one fault, not one for each branch.
const avatar = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: profileLimits.avatarMax,
  description: 'Where the picture is; null when there is none.',
})
const preferences = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  additionalProperties: true,
  description: `Any JSON object of at most ${profileLimits.preferencesBytesMax} bytes.`,
})

/** The operations of user-service. */
export const userOperations = {
  health: health('User service is healthy'),

  getProfile: {
    method: 'GET',
    path: '/users/profile',
    summary: 'Read your profile',
    access: 'bearer',
    answer: {
      status: 200,
      description: 'The profile as it was last written.',
      body: Type.Object({ user_id: Type.String(), profile: Type.Object({ bio, avatar, preferences }) }),
    },
    refusals: ['profile-not-found', 'verification-unavailable', 'database-unavailable'],
  },

  updateProfile: {
    method: 'PUT',
    path: '/users/profile',
    summary: 'Write your profile',
    description: 'Only the members that are sent change. The first write makes the profile.',
    access: 'bearer',
    body: Type.Object(
      { bio: Type.Optional(bio), avatar: Type.Optional(avatar), preferences: Type.Optional(preferences) },
      { additionalProperties: false },
    ),
    answer: {
      status: 200,
      description: 'Written.',
      body: Type.Object({ message: Type.String() }),
    },
    refusals: ['invalid-request', 'token-revoked', 'verification-unavailable', 'database-unavailable'],
  },
} as const satisfies Operations

/** What user-service must be able to do. */
export type Users = Handlers<typeof userOperations>
