import type { Bearer } from '@gatehouse/contract/operation.ts'

/** What a user says about themselves. */
export type Profile = {
  readonly bio: string
  /** Where the picture is. */
  readonly avatar: string | null
  readonly preferences: Readonly<Record<string, unknown>>
}

/** Where profiles are kept. */
export type Profiles = {
  /** The profile as it was last written, on any replica; undefined when there is none, or none any more. */
  readonly find: (userId: string) => Promise<Profile | undefined>
  /**
   * Changes the members that are given and no other, so that two writers of different members both succeed. The first
   * write makes the profile. `erased`: the account was deleted and nothing was written; from then on that is the only
   * answer.
   */
  readonly write: (userId: string, changes: Partial<Profile>) => Promise<'written' | 'erased'>
}

/**
 * What has become of the accounts that auth-service deleted. `resume` is the place in its event log, which never goes
 * back.
 */
export type Erasures = {
  /** The place up to which every event has taken effect here; 0 at first. */
  readonly cursor: () => Promise<number>
  /**
   * Empties the profile, forbids another for good, and moves the cursor, all or nothing. Also when there was no profile
   * yet: one that a request under way would write must not come to life. Doing it again changes nothing.
   */
  readonly erase: (userId: string, resume: number) => Promise<void>
  /** Moves the cursor alone. */
  readonly advance: (resume: number) => Promise<void>
}

/** Everything user-service stands on. */
export type Ports = {
  readonly profiles: Profiles
  /**
   * Who holds this access token; refuses a bad one. From packages/access-tokens: no call to auth-service for each
   * request.
   */
  readonly authenticate: (rawHeaders: readonly string[]) => Bearer | Promise<Bearer>
  /** Throws `database-unavailable` when the database cannot be asked. */
  readonly pingDatabase: () => Promise<void>
}
