import type { Compilable, CompiledQuery, Kysely } from 'kysely'

/** How rows are read by their key. Compiled once; a read binds keys and nothing else. */
export type PointReads<Tables, Row> = {
  /** The rows of these keys and of no other: `where('id', 'in', keys)`, and no other value. */
  readonly rows: (query: Kysely<Tables>, keys: readonly string[]) => Compilable<Row>
  readonly keyOf: (row: Row) => string
}

/** The statement that reads so many rows, made when it is first asked for. */
type StatementFor<Row> = (keys: number) => CompiledQuery<Row>

/** Compiles the one for a single key at once, so that a fault in it is found at the start. */
export const statementsOf = <Tables, Row>(
  query: Kysely<Tables>,
  { rows }: Pick<PointReads<Tables, Row>, 'rows'>,
): StatementFor<Row> => {
  const statements = new Map<number, CompiledQuery<Row>>()
  const statementFor = (keys: number): CompiledQuery<Row> => {
    const known = statements.get(keys)
    if (known !== undefined) return known
    const compiled = rows(
      query,
      Array.from({ length: keys }, () => ''),
    ).compile()
    if (compiled.parameters.length !== keys) throw new Error('a point read has keys for parameters, and no other value')
    statements.set(keys, compiled)
    return compiled
  }
  statementFor(1)
  return statementFor
}
