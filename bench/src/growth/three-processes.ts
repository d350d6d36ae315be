import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnProcess } from '@gatehouse/testing/processes.ts'

type Plan = {
  /** Migrated. */
  readonly authDatabaseUrl: string
  readonly userDatabaseUrl: string
  readonly redisUrl: string
  readonly secret: string
}

/** Gateway, auth-service and user-service, each a process of its own, on databases that are there already. */
export type ThreeProcesses = {
  readonly origin: string
  /** How long each took from its start until it said that it is ready, in milliseconds. */
  readonly readyMs: Readonly<Record<Role, number>>
  /** What each holds now, resident, in megabytes. */
  readonly residentMb: () => Readonly<Record<Role, number>>
  readonly stop: () => Promise<void>
}

type Role = (typeof roles)[number]

// In this order: the others ask auth-service for its keys and its log before they are ready.
const roles = ['auth-service', 'user-service', 'api-gateway'] as const

const house = fileURLToPath(new URL('../../../', import.meta.url))

/** Starts them, one after the other. */
export const startThreeProcesses = async (plan: Plan): Promise<ThreeProcesses> => {
  await using ending = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-growth-'))
  ending.defer(() => rm(folder, { recursive: true, force: true }))
  const [auth, users, gateway] = [await freePort(), await freePort(), await freePort()]
  const env = {
    DATA_DIR: folder,
    AUTH_DATABASE_URL: plan.authDatabaseUrl,
    USER_DATABASE_URL: plan.userDatabaseUrl,
    REDIS_URL: plan.redisUrl,
    JWT_SECRET_KEY: plan.secret,
    INTERNAL_SECRET: randomBytes(32).toString('hex'),
    AUTH_PORT: `${auth}`,
    USER_PORT: `${users}`,
    GATEWAY_PORT: `${gateway}`,
    AUTH_SERVICE_URL: `http://127.0.0.1:${auth}`,
    USER_SERVICE_URL: `http://127.0.0.1:${users}`,
    LOG_FORMAT: 'json',
  }
  const started = new Map<Role, { readonly pid: number; readonly readyMs: number }>()
  for (const role of roles) {
    const adminPort = await freePort()
    const begun = performance.now()
    // Into a file: a pipe's other end would be work for whoever reads it.
    const script = `exec ./gatehouse serve --target=${role} >"${join(folder, role)}.log"`
    const life = spawnProcess('/bin/sh', ['-c', script], { cwd: house, env: { ...env, ADMIN_PORT: `${adminPort}` } })
    ending.defer(async () => void (await life.stop()))
    await life.waitForUrl(`http://127.0.0.1:${adminPort}/readyz`, { status: 200, timeoutMs: readyMsMax })
    started.set(role, { pid: life.pid, readyMs: Math.round(performance.now() - begun) })
  }
  const everything = ending.move()
  const ofEach = (figure: (role: Role) => number): Readonly<Record<Role, number>> => ({
    'auth-service': figure('auth-service'),
    'user-service': figure('user-service'),
    'api-gateway': figure('api-gateway'),
  })
  return {
    origin: `http://127.0.0.1:${gateway}`,
    readyMs: ofEach((role) => started.get(role)?.readyMs ?? Number.NaN),
    residentMb: () => ofEach((role) => residentMb(started.get(role)?.pid ?? 0)),
    stop: () => everything.disposeAsync(),
  }
}

/** A million revocations are on their way to a verifier before it is ready. */
const readyMsMax = 600_000

const residentMb = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024)
}
