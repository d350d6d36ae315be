import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'
import type { Contender } from './contender.ts'
import { serve, type Environment, type Served } from './serve.ts'

/** Our gateway as a process of its own, and a token that it accepts. */
export type Gateway = Contender & { readonly token: string }

/**
 * Starts auth-service on SQLite and the gateway before it and the upstream, with all that a request pays for: the token
 * verified, its revocation looked up, the rate limited, metrics counted and an access line written to a file.
 */
export const startGateway = async (upstreamPort: number, settings: Environment = {}): Promise<Gateway> => {
  await using ending = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  ending.defer(() => rm(folder, { recursive: true, force: true }))
  const redis = await startRedis()
  ending.defer(redis.stop)
  const [port, authPort] = [await freePort(), await freePort()]
  const routes = join(folder, 'routes.json')
  await writeFile(routes, JSON.stringify(routesTo(upstreamPort)))
  const common = {
    DATA_DIR: join(folder, 'data'),
    JWT_SECRET_KEY: randomBytes(32).toString('hex'),
    INTERNAL_SECRET: randomBytes(32).toString('hex'),
    AUTH_PORT: String(authPort),
    GATEWAY_PORT: String(port),
    AUTH_SERVICE_URL: `http://127.0.0.1:${authPort}`,
    USER_SERVICE_URL: `http://127.0.0.1:${upstreamPort}`,
    GATEWAY_ROUTES: routes,
    REDIS_URL: redis.url,
    LOG_FORMAT: 'json',
    ...settings,
  }
  const served = async (target: string): Promise<Served> => {
    const life = await serve({ target, env: common, folder })
    ending.defer(async () => void (await life.stop()))
    await life.ready()
    return life
  }
  await served('auth-service')
  const gateway = await served('api-gateway')
  const token = await signIn(`http://127.0.0.1:${port}`)
  const everything = ending.move()
  return { name: 'gatehouse', port, processes: { gateway: gateway.pid }, token, stop: () => everything.disposeAsync() }
}

const routesTo = (upstreamPort: number): object => ({
  // Counted for each caller in Redis, with all other gateways, and never reached.
  rate_limit: { by: 'caller', requests: 10_000_000, per_seconds: 60 },
  routes: [{ prefix: '/bench', upstream: `http://127.0.0.1:${upstreamPort}` }],
})

const signIn = async (origin: string): Promise<string> => {
  const [email, password] = ['bench@example.org', randomBytes(12).toString('hex')]
  await post(`${origin}/auth/register`, { username: 'bench', email, password })
  const { token } = await post(`${origin}/auth/login`, { email, password })
  if (typeof token !== 'string') throw new Error('a login gives a token')
  return token
}

const post = async (url: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status} ${text}`)
  // What our own services answer is an object.
  return JSON.parse(text) as Record<string, unknown>
}
