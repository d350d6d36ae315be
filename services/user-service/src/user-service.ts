import { openApi } from '@gatehouse/contract/openapi.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { userOperations, type Users } from '@gatehouse/contract/users.ts'
import { application, type Application, type Serving } from '@gatehouse/http/application.ts'
import { getHealth } from './get-health.ts'
import { getProfile } from './get-profile.ts'
import type { Ports } from './ports.ts'
import { updateProfile } from './update-profile.ts'

/** The service, ready to be listened to or called in process. Beside it runs `profileEraser`, which nobody calls. */
export const userService = (ports: Ports, serving: Serving): Promise<Application> =>
  application({
    ...serving,
    operations: userOperations,
    handlers: handlers(ports),
    guards: { bearer: ports.authenticate, internal: nothingInternal },
    document: openApi('user-service', serving.version, userOperations),
    documentPaths: ['/openapi.json', '/users/openapi.json'],
  })

/** All that user-service does, a file each. */
const handlers = (ports: Ports): Users => ({
  health: getHealth(ports),
  getProfile: getProfile(ports),
  updateProfile: updateProfile(ports),
})

const nothingInternal = (): never => {
  throw refuse('internal-only')
}
