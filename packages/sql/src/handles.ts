import type { Kysely } from 'kysely'

/** What a dialect opens. */
export type Handles<Tables> = {
  readonly query: Kysely<Tables>
  readonly maintenance: Kysely<Tables>
  readonly close: () => Promise<void>
}
