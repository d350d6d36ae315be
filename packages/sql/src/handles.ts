import type { Kysely } from 'kysely'
import type { PointReads } from './point-reads.ts'

/** What a dialect opens. */
export type Handles<Tables> = {
  readonly query: Kysely<Tables>
  readonly unflushed: Kysely<Tables>
  readonly maintenance: Kysely<Tables>
  readonly pointReads: <Row extends object>(reads: PointReads<Tables, Row>) => (key: string) => Promise<Row | undefined>
  readonly close: () => Promise<void>
}
