import type { Migrations } from '@gatehouse/sql/migrate.ts'
import { profiles } from './0001-profiles.ts'
import { feedCursor } from './0002-feed-cursor.ts'

/** All of user-service's migrations. Forward only; each is safe while the release before it still runs. */
export const userMigrations: Migrations = {
  owner: 'users',
  migrations: {
    '0001-profiles': profiles,
    '0002-feed-cursor': feedCursor,
  },
}
