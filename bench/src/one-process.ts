import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { ownFolder, type HousePlan } from './house.ts'

/** All of us as one process on SQLite, as `make start` does. */
export const oneProcess: HousePlan = {
  name: 'gatehouse, one process',
  lay: async (ending) => {
    const folder = await ownFolder(ending)
    const port = await freePort()
    return {
      port,
      targets: { gatehouse: 'all' },
      env: { DATA_DIR: join(folder, 'data'), GATEWAY_PORT: String(port), LOG_FORMAT: 'json' },
      folder,
      servers: {},
    }
  },
}
