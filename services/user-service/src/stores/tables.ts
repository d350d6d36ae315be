/**
 * The tables of user-service's database. Times are milliseconds since the epoch, UTC; the migrations say the same in
 * SQL.
 */
export type Tables = {
  readonly profiles: {
    readonly user_id: string
    readonly bio: string
    readonly avatar: string | null
    /** A JSON object, as text: MySQL would give its own type back with the members in another order. */
    readonly preferences: string
    readonly created_at: number
    readonly updated_at: number
    /** Set: the account was deleted, and this empty row is what keeps a late write from making another. */
    readonly erased_at: number | null
  }
  readonly feed_cursor: {
    /** Whose log it is a place in. */
    readonly name: 'account-events'
    readonly position: number
  }
}
