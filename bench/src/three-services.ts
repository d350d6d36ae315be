import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import type { Environment } from './serve.ts'

type Plan = {
  readonly folder: string
  readonly authDatabaseUrl: string
  readonly userDatabaseUrl: string
  readonly redisUrl: string
  /** Signing keys are sealed with it: that of the databases, where they hold keys already. */
  readonly secret: string
}

/** What three services as processes of their own are told so that they find each other, and the gateway's port. */
export const threeServices = async (plan: Plan): Promise<{ readonly port: number; readonly env: Environment }> => {
  const [port, authPort, userPort] = [await freePort(), await freePort(), await freePort()]
  return {
    port,
    env: {
      DATA_DIR: join(plan.folder, 'data'),
      GATEWAY_PORT: String(port),
      AUTH_PORT: String(authPort),
      USER_PORT: String(userPort),
      AUTH_SERVICE_URL: `http://127.0.0.1:${authPort}`,
      USER_SERVICE_URL: `http://127.0.0.1:${userPort}`,
      AUTH_DATABASE_URL: plan.authDatabaseUrl,
      USER_DATABASE_URL: plan.userDatabaseUrl,
      REDIS_URL: plan.redisUrl,
      JWT_SECRET_KEY: plan.secret,
      INTERNAL_SECRET: randomBytes(32).toString('hex'),
      LOG_FORMAT: 'json',
    },
  }
}
