import type { Operations } from './operation.ts'
import type { TSchema } from './schema.ts'

/** Spread into a schema's options, it marks the member: never logged, and answers that carry it are never cached. */
export const secret = { 'x-secret': true } as const

/** Tells whether a secret stands anywhere in this schema. */
export const carriesSecret = (schema: TSchema | undefined): boolean => secretMembers(schema).length > 0

/** The names of all secret members of these operations, for the logger to take out. */
export const secretNames = (...contracts: readonly Operations[]): readonly string[] => [
  ...new Set(
    contracts
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ body, query, answer }) => [body, query, answer.body].flatMap(secretMembers)),
  ),
]

const secretMembers = (schema: TSchema | undefined): readonly string[] => {
  // JSON Schema is open data: what a keyword holds is looked at, not believed.
  const { properties, items } = (schema ?? {}) as { properties?: Record<string, TSchema>; items?: TSchema }
  const own = Object.entries(properties ?? {}).flatMap(([name, member]) =>
    'x-secret' in member ? [name] : secretMembers(member),
  )
  return items === undefined ? own : [...own, ...secretMembers(items)]
}
