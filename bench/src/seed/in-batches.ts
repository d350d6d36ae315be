import type { Database } from '@gatehouse/sql/database.ts'

type Transaction<Tables> = Parameters<Parameters<Database<Tables>['transaction']>[0]>[0]

/**
 * Writes so many rows, many to a statement and many statements to a transaction: a commit waits for the disk, and a
 * statement with too many values is refused.
 */
export const inBatches = async <Tables>(
  database: Database<Tables>,
  count: number,
  insert: (trx: Transaction<Tables>, from: number, to: number) => { readonly execute: () => Promise<unknown> },
): Promise<void> => {
  for (let begin = 0; begin < count; begin += rowsInTransaction) {
    const end = Math.min(count, begin + rowsInTransaction)
    await database.transaction(async (trx) => {
      for (let from = begin; from < end; from += rowsInStatement) {
        await insert(trx, from, Math.min(end, from + rowsInStatement)).execute()
      }
    })
  }
}

/** Of fourteen columns at most: SQLite takes 32 766 values. */
const rowsInStatement = 1_000
const rowsInTransaction = 20_000
