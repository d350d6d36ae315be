import { authOperations } from '@gatehouse/contract/auth.ts'
import { gatewayOperations } from '@gatehouse/contract/gateway.ts'
import { secretNames } from '@gatehouse/contract/secret.ts'
import { userOperations } from '@gatehouse/contract/users.ts'
import { openLog } from '@gatehouse/observe/log.ts'
import { systemClock } from './clock.ts'
import { logFormatOf, type Settings } from './settings.ts'

/** Opens the log of this process as the settings say, with every secret of the contract taken out. */
export const processLog = (settings: Settings): ReturnType<typeof openLog> =>
  openLog({
    level: settings.LOG_LEVEL,
    format: logFormatOf(settings),
    secrets: secretNames(authOperations, userOperations, gatewayOperations),
    clock: systemClock,
  })
