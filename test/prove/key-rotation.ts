import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { executeSql } from '@gatehouse/testing/mysql-database.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Client } from '../system/client.ts'
import { standing } from '../system/expect.ts'
import { startManyProcesses, type ManyProcesses } from '../system/many-processes.ts'
import { newMember, signIn, type Member } from '../system/people.ts'
import { gatehouse } from '../system/replica.ts'
import { partsOf } from '../system/tokens.ts'
import { startProfileReads } from './profile-reads.ts'
import { percentilesMs, rounded, type Figures, type Proof } from './proof.ts'

type Size = {
  /** The next key must be a minute old: that is written for the first rotation, and waited for at all others. */
  readonly rotations: number
  readonly removesAKey: boolean
  readonly readsPerSecondPerDoor: number
}

/** A key is replaced while requests run and no valid token is refused; one that is removed is dead within a minute. */
export const keyRotation: Proof<Size> = {
  name: 'key-rotation',
  full: { rotations: 3, removesAKey: true, readsPerSecondPerDoor: 25 },
  // That a removed key dies takes as long as the nodes take to ask for the keys again: too long for every day.
  small: { rotations: 1, removesAKey: false, readsPerSecondPerDoor: 10 },
  run: async ({ rotations, removesAKey, readsPerSecondPerDoor }) => {
    const world = await startManyProcesses({ settings: secrets })
    try {
      const member = await newMember(world.gateway)
      const token = await signIn(world.gateway, member)
      const written = await world.gateway.put('/users/profile', { bearer: token, json: { bio: 'read me' } })
      assert.equal(written.status, 200)
      const firstKid = kidOf(token)
      // What is read with: a token of every key, old and new, the newest again and again.
      const tokens = [token]
      let turn = 0
      const load = startProfileReads({
        doors: world.doorsTo('user-service'),
        token: () => tokens[(turn += 1) % tokens.length] ?? token,
        readsPerSecondPerDoor,
      })
      const adopted: number[] = []
      for (let rotation = 0; rotation < rotations; rotation += 1) {
        if (rotation === 0) await makeNextKeyOld(world)
        else await delay(nextKeyAgeMs)
        adopted.push(...(await rotate(world, member, tokens)))
      }
      const { served, failures } = await load.stop()
      assert.deepEqual(failures, [], 'a valid token was refused')
      const removed = removesAKey ? await remove(world, firstKid, tokens) : {}
      return {
        rotations,
        profile_reads_beside_it: served,
        valid_tokens_refused: 0,
        ...percentilesMs('rotated_to_signing_with_the_new_key', adopted),
        ...removed,
      }
    } finally {
      await world.stop()
    }
  },
}

const secrets = {
  JWT_SECRET_KEY: randomBytes(32).toString('hex'),
  INTERNAL_SECRET: randomBytes(32).toString('hex'),
}

const nextKeyAgeMs = 60_500
const adoptedMsMax = 30_000
const removedMsMax = 60_000

const kidOf = (token: string): string => String(partsOf(token).header['kid'])

/** Writes an earlier time of birth: all nodes have read the key by now, for they were started after it was made. */
const makeNextKeyOld = async ({ authDatabaseUrl }: ManyProcesses): Promise<void> => {
  await executeSql(authDatabaseUrl, `update signing_keys set created_at = created_at - 61000 where place = 'next'`)
}

const keys = async ({ authDatabaseUrl }: ManyProcesses, ...words: readonly string[]): Promise<string> => {
  const command = gatehouse(['keys', ...words], { ...secrets, AUTH_DATABASE_URL: authDatabaseUrl })
  const { code } = await command.ended()
  assert.equal(code, 0, command.output())
  return command.output()
}

/** Rotates, and signs in at every auth-service until it signs with the new key; how long each took. */
const rotate = async (world: ManyProcesses, member: Member, tokens: string[]): Promise<readonly number[]> => {
  const [, kid] = /^(\S+) signs from now on/m.exec(await keys(world, 'rotate')) ?? []
  assert.ok(kid !== undefined, 'rotate names the new key')
  const rotatedAt = performance.now()
  return Promise.all(
    world.replicas('auth-service').map(async ({ client }) => {
      const isAdopted = async (): Promise<boolean> => {
        const token = await signIn(client, member)
        const isNew = kidOf(token) === kid
        // At once, everywhere: nobody may need time to hear of the key.
        for (const door of isNew ? allDoors(world) : []) assert.equal(await standingAt(door, token), 'good')
        if (isNew) tokens.push(token)
        await delay(100)
        return isNew
      }
      await waitFor(isAdopted, { what: `${client.origin} to sign with ${kid}`, timeoutMs: adoptedMsMax })
      return performance.now() - rotatedAt
    }),
  )
}

/** Removes a retired key; how long its tokens are accepted, by whoever accepts them longest. */
const remove = async (world: ManyProcesses, kid: string, tokens: readonly string[]): Promise<Figures> => {
  await keys(world, 'remove', kid)
  const removedAt = performance.now()
  const [dead, living] = [true, false].map((isDead) => tokens.find((token) => (kidOf(token) === kid) === isDead))
  assert.ok(dead !== undefined && living !== undefined)
  const deadAfter = async (door: Door): Promise<number> => {
    const isRefused = async (): Promise<boolean> => (await standingAt(door, dead)) === 'token-invalid'
    await waitFor(isRefused, { what: `${door.client.origin} to refuse`, timeoutMs: removedMsMax })
    return performance.now() - removedAt
  }
  const took = await Promise.all(allDoors(world).map(deadAfter))
  for (const door of allDoors(world)) assert.equal(await standingAt(door, living), 'good')
  return { doors: took.length, removed_key_dead_everywhere_after_ms: rounded(Math.max(...took)) }
}

type Door = { readonly client: Client; readonly path: '/auth/validate' | '/users/profile' }

const allDoors = (world: ManyProcesses): readonly Door[] => [
  ...world.doorsTo('user-service').map((client) => ({ client, path: '/users/profile' }) as const),
  ...world.doorsTo('auth-service').map((client) => ({ client, path: '/auth/validate' }) as const),
]

const standingAt = ({ client, path }: Door, token: string): Promise<string> => standing(client, token, path)
