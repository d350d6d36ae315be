import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { oneOfEach, startManyProcesses } from './many-processes.ts'
import { startOneProcess } from './one-process.ts'
import { newSignedIn } from './people.ts'
import { openSocket } from './web-socket.ts'

describe('a WebSocket', () => {
  test('is told that its process goes, and does not keep it', async () => {
    const world = await startOneProcess()
    try {
      const { gateway, replica } = world
      const polite = await openSocket(gateway.origin, '/own/socket')
      // It answers no close frame: its connection is read no more.
      const rude = await openSocket(gateway.origin, '/own/socket')
      rude.socket.pause()
      const begun = performance.now()
      const ended = replica.process().stop({ timeoutMs: 20_000 })
      assert.deepEqual(await polite.closed(), { status: 1001, reason: 'stopping' })
      assert.deepEqual(await ended, { code: 0, signal: null }, replica.process().output())
      assert.ok(performance.now() - begun < 10_000, 'long before the deadline for requests')
      rude.socket.terminate()
      const lines = () => world.logs().match(/\{[^\n]*"status":101[^\n]*\}/g) ?? []
      await waitFor(() => lines().length === 2, { what: 'a line for each' })
      for (const line of lines()) assert.match(line, /"code":"stopping".*"bytes_in":\d+/)
    } finally {
      await world.stop()
    }
  })

  test('lives through a change of the routes, and ends with its token', async () => {
    const world = await startManyProcesses({ replicas: oneOfEach, settings: { ACCESS_TOKEN_TTL_SECONDS: '4' } })
    try {
      const { gateway, ownService } = world
      const { token } = await newSignedIn(gateway)
      const opened = await openSocket(gateway.origin, '/members/socket', { bearer: token })
      await world.setRoutes([{ prefix: '/new', upstream: ownService.origin, access: 'public' }])
      const isThere = async (): Promise<boolean> => (await gateway.get('/new/echo')).status === 200
      await waitFor(isThere, { what: 'the new route' })
      assert.equal((await opened.ask('still here')).toString(), 'still here')
      assert.deepEqual(await opened.closed(), { status: 3000, reason: 'token-expired' })
    } finally {
      await world.stop()
    }
  })

  test('ends when its gateway can know nothing any more of its session', async () => {
    const settings = { REVOCATION_MAX_STALENESS_SECONDS: '3' }
    const world = await startManyProcesses({ replicas: oneOfEach, settings })
    try {
      const { gateway } = world
      const { token } = await newSignedIn(gateway)
      const member = await openSocket(gateway.origin, '/members/socket', { bearer: token })
      const guest = await openSocket(gateway.origin, '/own/socket')
      for (const { kill } of world.replicas('auth-service')) await kill()
      assert.deepEqual(await member.closed(), { status: 1013, reason: 'verification-unavailable' })
      assert.equal((await guest.ask('still here')).toString(), 'still here')
      guest.socket.terminate()
    } finally {
      await world.stop()
    }
  })
})
