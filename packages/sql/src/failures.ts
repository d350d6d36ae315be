import { refuse, Refusal } from '@gatehouse/contract/refusals.ts'

/**
 * Which unique key a failed write met. MySQL names the index, SQLite the columns, made here into
 * `<table>_<column>_<column>`: name a unique index so, or so and `_unique` behind it, and the answer is the same on
 * both (`accounts_email`). A primary key is `primary`. Undefined: not a duplicate.
 */
export const duplicateKey = (error: unknown): string | undefined => {
  const { errno, errcode, message } = facts(error)
  if (mysqlDuplicates.has(errno)) {
    // The end of the sentence: what comes before it is the value, and a stranger chose that.
    const [, key = ''] = message.match(/for key '([^']+)'$/) ?? []
    const name = key.slice(key.lastIndexOf('.') + 1)
    return name.toLowerCase() === 'primary' ? 'primary' : name.replace(/_unique$/, '')
  }
  if (sqlitePrimaryDuplicates.has(errcode)) return 'primary'
  if (errcode !== sqliteUniqueDuplicate) return undefined
  const [, index] = message.match(/index '([^']+)'$/) ?? []
  if (index !== undefined) return index.replace(/_unique$/, '')
  const columns = message.replace(/^.*: /, '').split(', ')
  const [table = ''] = (columns[0] ?? '').split('.')
  return [table, ...columns.map((column) => column.slice(column.indexOf('.') + 1))].join('_')
}

/** True when a write met a unique key: any, or the one of this name (see `duplicateKey`). */
export const isDuplicateKey = (error: unknown, name?: string): boolean => {
  const key = duplicateKey(error)
  return key !== undefined && (name === undefined || key === name)
}

/**
 * True when a row was written that refers to a row that does not exist (or, on SQLite, one deleted that is
 * referred to).
 */
export const isForeignKeyMissing = (error: unknown): boolean => {
  const { errno, errcode } = facts(error)
  return mysqlForeignKeyMissing.has(errno) || errcode === sqliteForeignKey
}

/**
 * True when the whole transaction may succeed if it is simply done again: the database chose it as a victim and
 * undid it.
 */
export const isRetryable = (error: unknown): boolean => {
  const { errno, errcode } = facts(error)
  return mysqlConflicts.has(errno) || sqliteConflicts.has(errcode & 0xff)
}

/** True when the database is away, overloaded, read-only or too slow: what answers `database-unavailable`. */
export const isUnavailable = (error: unknown): boolean => {
  if (error instanceof Refusal) return error.code === 'database-unavailable'
  return isRetryable(error) || isBroken(error) || sqliteTroubles.has(facts(error).errcode & 0xff)
}

/**
 * True when a MySQL connection is not to be used again: lost, timed out, or on a server that no longer takes
 * writes.
 */
export const isBroken = (error: unknown): boolean => {
  const { errno, code, isFatal } = facts(error)
  return isFatal || mysqlTroubles.has(errno) || networkTroubles.has(code)
}

/** The refusal for a failure of the database; any other failure as it is. */
export const asRefusal = (error: unknown): unknown =>
  isUnavailable(error) && !(error instanceof Refusal) ? unavailable(error) : error

/** Says that the database is away, and privately why. */
export const unavailable = (cause: unknown): Refusal => refuse('database-unavailable', { retryAfterSeconds, cause })

const retryAfterSeconds = 1

// MySQL: ER_DUP_ENTRY and its twin that names the key.
const mysqlDuplicates = new Set([1062, 1586])
// SQLite: extended result codes SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY and _ROWID.
const sqliteUniqueDuplicate = 2067
const sqlitePrimaryDuplicates = new Set([1555, 2579])

// MySQL: ER_NO_REFERENCED_ROW and its twin that names the key; SQLite: SQLITE_CONSTRAINT_FOREIGNKEY.
const mysqlForeignKeyMissing = new Set([1216, 1452])
const sqliteForeignKey = 787

// MySQL: deadlock, lock wait timeout. A lost connection is *not* among them: it may have been lost after the COMMIT
// was done.
const mysqlConflicts = new Set([1213, 1205])
// SQLite, primary result codes: BUSY, LOCKED.
const sqliteConflicts = new Set([5, 6])
// SQLite: NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL.
const sqliteTroubles = new Set([7, 8, 10, 13, 14, 15])

const mysqlTroubles = new Set([
  1021, // disk full
  1026, // error writing a file
  1030, // error from the storage engine
  1040, // too many connections
  1042, // cannot resolve the client's address
  1047, // a cluster node that is not ready
  1053, // server shutdown in progress
  1114, // table (or temporary space) full
  1129, // host blocked
  1152,
  1158,
  1159,
  1160,
  1161, // network errors seen by the server
  1203,
  1226, // connections or resources of this user used up
  1290, // --read-only: a demoted primary
  1317, // statement killed
  1792, // read-only transaction
  1836, // read-only mode
  1927, // connection killed (MariaDB)
  1969, // max_statement_time (MariaDB)
  3024, // max_execution_time (MySQL)
  3032, // server in offline mode
  4031, // disconnected for inactivity
])

const networkTroubles = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_INCORRECT_PACKET_SEQUENCE',
  'PROTOCOL_UNEXPECTED_PACKET',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])

type Facts = {
  readonly errno: number
  readonly errcode: number
  readonly code: string
  readonly message: string
  readonly isFatal: boolean
}

/** What the two drivers put on an error: mysql2 `errno` and `code`, node:sqlite `errcode`. */
const facts = (error: unknown): Facts => {
  const { errno, errcode, code, fatal }: { readonly [name in string]?: unknown } =
    error instanceof Error ? Object.fromEntries(Object.entries(error)) : {}
  return {
    errno: typeof errno === 'number' ? errno : 0,
    errcode: typeof errcode === 'number' ? errcode : 0,
    code: typeof code === 'string' ? code : '',
    message: error instanceof Error ? error.message : '',
    isFatal: fatal === true,
  }
}
