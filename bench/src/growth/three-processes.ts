import { memoryOf } from '@gatehouse/testing/memory-of.ts'
import { ownFolder } from '../house.ts'
import { serve } from '../serve.ts'
import { threeServices } from '../three-services.ts'

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

/** Starts them, one after the other. */
export const startThreeProcesses = async (plan: Plan): Promise<ThreeProcesses> => {
  await using ending = new AsyncDisposableStack()
  const folder = await ownFolder(ending)
  const { port, env } = await threeServices({ folder, ...plan })
  const started = new Map<Role, { readonly pid: number; readonly readyMs: number }>()
  for (const role of roles) {
    const begun = performance.now()
    const life = await serve({ target: role, env, folder })
    ending.defer(async () => void (await life.stop()))
    await life.ready(readyMsMax)
    started.set(role, { pid: life.pid, readyMs: Math.round(performance.now() - begun) })
  }
  const everything = ending.move()
  const ofEach = (figure: (role: Role) => number): Readonly<Record<Role, number>> => ({
    'auth-service': figure('auth-service'),
    'user-service': figure('user-service'),
    'api-gateway': figure('api-gateway'),
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    readyMs: ofEach((role) => started.get(role)?.readyMs ?? Number.NaN),
    residentMb: () => ofEach((role) => Math.round(memoryOf(started.get(role)?.pid ?? 0))),
    stop: () => everything.disposeAsync(),
  }
}

/** A million revocations are on their way to a verifier before it is ready. */
const readyMsMax = 600_000
