import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { expectProblem } from './expect.ts'
import { oneOfEach, startManyProcesses } from './many-processes.ts'
import { startOneProcess } from './one-process.ts'
import { newMember, newSignedIn, signIn } from './people.ts'
import { partsOf } from './tokens.ts'
import type { World } from './world.ts'

const settings = { ACCESS_TOKEN_TTL_SECONDS: '2' }

const worlds = [
  ['one process', (): Promise<World> => startOneProcess({ settings })],
  ['a process for each service', (): Promise<World> => startManyProcesses({ replicas: oneOfEach, settings })],
] as const

describe('a token that has expired', () => {
  for (const [name, start] of worlds) {
    test(`in ${name}: is refused everywhere with Token has expired!, and one that was ended does not live again`, async () => {
      const world = await start()
      try {
        const { gateway } = world
        const member = await newMember(gateway)
        const wrote = await gateway.put('/users/profile', {
          bearer: await signIn(gateway, member),
          json: { bio: 'here' },
        })
        assert.equal(wrote.status, 200, wrote.text)
        const token = await signIn(gateway, member)
        const { token: ended } = await newSignedIn(gateway)
        assert.equal((await gateway.post('/auth/logout', { bearer: ended })).status, 200)
        // Used before its time is over, so that every node holds it in memory.
        for (const door of world.doorsTo('user-service'))
          assert.equal((await door.get('/users/profile', { bearer: token })).status, 200)

        const expiresAt = Number(partsOf(token).claims['exp']) * 1000
        await waitFor(() => Date.now() >= expiresAt, { what: 'the token to expire' })
        const expired = { status: 401, code: 'token-expired', speaker: 'service', title: 'Token has expired!' } as const
        for (const door of world.doorsTo('auth-service')) {
          expectProblem(await door.post('/auth/validate', { bearer: token }), expired)
          expectProblem(await door.post('/auth/logout', { bearer: token }), expired)
        }
        for (const door of world.doorsTo('user-service')) {
          const answer = await door.get('/users/profile', { bearer: token })
          expectProblem(answer, expired)
          assert.match(
            answer.headers['www-authenticate'] ?? '',
            /error="invalid_token", error_description="Token has expired!"/,
          )
          assert.equal((await door.get('/users/profile', { bearer: ended })).status, 401)
        }
        const guarded = await gateway.get('/members/page', { bearer: token })
        expectProblem(guarded, { ...expired, speaker: 'gateway' })
      } finally {
        await world.stop()
      }
    })
  }
})
