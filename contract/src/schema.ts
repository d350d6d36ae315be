import type { Static as StaticOf, TSchema as Schema, Type as TypeBox } from 'typebox'

/** The TypeScript type of what a schema describes. */
export type Static<S extends Schema> = StaticOf<S>
/** Any schema. */
export type TSchema = Schema

type Options = Readonly<Record<string, unknown>>
type Members = Readonly<Record<string, object>>

/**
 * Schemas that `Type.Optional` has marked: `Type.Object` leaves them out of `required`. Weak: nothing is kept alive by
 * it.
 */
const optional = new WeakSet<object>()

const builders = {
  String: (options?: Options) => ({ type: 'string', ...options }),
  Integer: (options?: Options) => ({ type: 'integer', ...options }),
  Boolean: (options?: Options) => ({ type: 'boolean', ...options }),
  Null: (options?: Options) => ({ type: 'null', ...options }),
  Literal: (value: string | number | boolean, options?: Options) => ({ type: typeof value, const: value, ...options }),
  Array: (items: object, options?: Options) => ({ type: 'array', items, ...options }),
  Union: (anyOf: readonly object[], options?: Options) => ({ anyOf, ...options }),
  Unsafe: (schema: object) => schema,
  Object: (properties: Members, options?: Options) => {
    const required = Object.keys(properties).filter((name) => !optional.has(properties[name] ?? {}))
    return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options }
  },
  Optional: (schema: object) => {
    const marked = { ...schema }
    optional.add(marked)
    return marked
  },
}

/**
 * TypeBox's names and types, and plain JSON Schema for values. Its own builders make the same, but loading them costs
 * every process 21 MB and a seventh of a second, for a compiler and a type engine that we do not use
 * (docs/decisions/0003-schemas.md).
 */
// What the builders return is what TypeBox's types describe; contract/src/schema.test.ts holds the two beside each
// other.
export const Type = builders as unknown as Pick<typeof TypeBox, keyof typeof builders>
