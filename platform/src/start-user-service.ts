import { rememberedBearerToken } from '@gatehouse/access-tokens/bearer-credentials.ts'
import type { AccessTokenVerifier } from '@gatehouse/access-tokens/verifier.ts'
import type { EventFeed } from '@gatehouse/contract/events.ts'
import type { Application } from '@gatehouse/http/application.ts'
import { profileEraser } from '@gatehouse/user-service/erase-profile.ts'
import { erasures } from '@gatehouse/user-service/stores/erasures.ts'
import { profiles } from '@gatehouse/user-service/stores/profiles.ts'
import type { Tables } from '@gatehouse/user-service/stores/tables.ts'
import { userService } from '@gatehouse/user-service/user-service.ts'
import { readyDatabase } from './ready-database.ts'
import type { Surroundings } from './surroundings.ts'

/** Builds user-service: profiles on its own database, and the follower that erases those of deleted accounts. */
export const startUserService = async (
  feed: EventFeed,
  { verify }: AccessTokenVerifier,
  around: Surroundings,
): Promise<Application> => {
  const { life, log, clock, random, serving } = around
  const database = await readyDatabase<Tables>(around, 'user-service')
  const eraser = profileEraser({ feed, erasures: erasures(database, clock), clock, log, random })
  life.started('profile eraser', eraser.stop)
  eraser.start()
  const tokenOf = rememberedBearerToken()
  const application = await userService(
    {
      profiles: profiles(database, clock),
      authenticate: (rawHeaders) => verify(tokenOf(rawHeaders)),
      pingDatabase: database.ping,
    },
    serving,
  )
  life.started('user-service', application.close)
  return application
}
