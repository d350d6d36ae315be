import type { Compilable, Kysely, QueryResult } from 'kysely'

/** What a statement is executed with: by name, and where it is executed, if not by itself. */
export type Prepared<Tables, Values, Row> = (values: Values, on?: Kysely<Tables>) => Promise<QueryResult<Row>>

/**
 * Builds a statement once and binds values to it for each use: to build and compile one takes many times as long as
 * all that is done with it here (docs/decisions/0013-cost-of-a-write.md). `build` is given names in the place of
 * values, so its words may not depend on any; a fault in them is found at the start.
 *
 *     const ended = prepared(query, (query, { id, now }: { id: string; now: number }) =>
 *       query.updateTable('sessions').set({ ended_at: now }).where('id', '=', id))
 */
export const prepared = <Tables, Values extends object, Row>(
  query: Kysely<Tables>,
  build: (query: Kysely<Tables>, values: Values) => Compilable<Row>,
): Prepared<Tables, Values, Row> => {
  // What kysely does not know it takes for a value, whatever its type, and keeps as it is.
  const names = new Proxy({}, { get: (_, name) => Symbol(String(name)) }) as Values
  const compiled = build(query, names).compile()
  const places = compiled.parameters.map((value) => ({ name: nameOf(value), value }))
  return (values, on = query) => {
    // Each name is a member of the very type that `build` was given.
    const named = values as Readonly<Record<string, unknown>>
    const parameters = places.map(({ name, value }) => (name === undefined ? value : named[name]))
    return on.executeQuery({ ...compiled, parameters })
  }
}

/** No value that can be stored is a symbol. */
const nameOf = (value: unknown): string | undefined => (typeof value === 'symbol' ? value.description : undefined)
