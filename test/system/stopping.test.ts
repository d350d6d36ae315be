import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import type { Client } from './client.ts'
import { startManyProcesses, type ManyProcesses } from './many-processes.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'
import { newPerson, newSignedIn } from './people.ts'
import type { Replica, World } from './world.ts'

/** What a process may take to end once nothing is under way. */
const endMsMax = 5_000

describe('SIGTERM ends the one process', () => {
  let world: OneProcess
  before(async () => {
    world = await startOneProcess()
  })
  after(() => world.stop())

  test('it is ready no more, takes nothing new, finishes what is under way, and exits with 0', async () => {
    const { token } = await newSignedIn(world.gateway)
    const upload = await halfSent(world.gateway, 'PUT', '/users/profile', { bio: 'finished' }, [
      'Authorization',
      `Bearer ${token}`,
    ])
    await stopsGracefully(world, world.replica, [upload])
    await world.replica.start()
    const { json } = await world.gateway.get('/users/profile', { bearer: token })
    assert.deepEqual(json['profile'], { bio: 'finished', avatar: null, preferences: {} })
  })

  test('SIGHUP ends nothing where there is no file to read again', async () => {
    world.replica.process().signal('SIGHUP')
    assert.equal((await world.gateway.get('/health')).status, 200)
  })

  test('with nothing under way it ends at once, idle connections or not', async () => {
    const idle = world.gateway.open('GET', '/health', ['Connection', 'keep-alive'])
    idle.req.end()
    assert.equal((await idle.answer()).status, 200)
    assert.deepEqual(await world.replica.process().stop({ timeoutMs: endMsMax }), { code: 0, signal: null })
  })
})

describe('SIGTERM ends each of many processes', () => {
  let world: ManyProcesses
  before(async () => {
    world = await startManyProcesses({ replicas: { auth: 2, users: 2, gateways: 1 } })
  })
  after(() => world.stop())

  test('auth-service finishes a registration, though followers hang on its feed', async () => {
    const [replica] = world.replicas('auth-service')
    assert.ok(replica !== undefined)
    const person = newPerson()
    await stopsGracefully(world, replica, [await halfSent(replica.client, 'POST', '/auth/register', person)])
    assert.equal(
      (await world.gateway.post('/auth/login', { json: { email: person.email, password: person.password } })).status,
      200,
    )
    await replica.start()
  })

  test('user-service finishes a profile', async () => {
    const [replica] = world.replicas('user-service')
    assert.ok(replica !== undefined)
    const { token } = await newSignedIn(world.gateway)
    const upload = await halfSent(replica.client, 'PUT', '/users/profile', { bio: 'finished' }, [
      'Authorization',
      `Bearer ${token}`,
    ])
    await stopsGracefully(world, replica, [upload])
    await replica.start()
  })

  test('a gateway finishes what it forwards, in both directions', async () => {
    const [replica] = world.replicas('api-gateway')
    assert.ok(replica !== undefined)
    await stopsGracefully(world, replica, [await halfSent(replica.client, 'POST', '/auth/register', newPerson())])
    await replica.start()
  })

  test('a rolling restart of the services loses no request', async (t) => {
    const { token } = await newSignedIn(world.gateway)
    await world.gateway.put('/users/profile', { bearer: token, json: { bio: 'here' } })
    const statuses: number[] = []
    const state = { isOver: false }
    const { gateway } = world
    const reading = (async () => {
      while (!state.isOver) {
        statuses.push((await gateway.get('/users/profile', { bearer: token })).status)
        statuses.push((await gateway.post('/auth/validate', { bearer: token })).status)
      }
    })()
    try {
      for (const replica of [...world.replicas('user-service'), ...world.replicas('auth-service')]) {
        assert.deepEqual(await replica.process().stop(), { code: 0, signal: null })
        await replica.start()
      }
    } finally {
      state.isOver = true
      await reading
    }
    t.diagnostic(`${statuses.length} requests, none lost`)
    assert.deepEqual(
      statuses.filter((status) => status !== 200),
      [],
    )
  })
})

/** A request whose second half the test holds back. */
type HalfSent = { readonly finish: () => Promise<void> }

const halfSent = async (
  door: Client,
  method: string,
  path: string,
  json: object,
  headers: readonly string[] = [],
): Promise<HalfSent> => {
  const body = JSON.stringify(json)
  const length = ['Content-Type', 'application/json', 'Content-Length', `${Buffer.byteLength(body)}`]
  const { req, answer } = door.open(method, path, [...headers, ...length, 'Connection', 'keep-alive'])
  await new Promise<void>((resolve) => req.write(body.slice(0, 5), () => resolve()))
  // Whoever answers this has read what was sent before it on an earlier connection.
  await door.get('/health')
  return {
    finish: async () => {
      req.end(body.slice(5))
      const { status, headers, text } = await answer()
      assert.ok(status === 200 || status === 201, text)
      // The next request on this connection would go to a process that is gone.
      assert.equal(headers.connection, 'close')
    },
  }
}

/** Sends SIGTERM while these, and a stream through each gateway it concerns, are under way. */
const stopsGracefully = async (
  { ownService }: World,
  { role, client, admin, process }: Replica,
  under: readonly HalfSent[],
): Promise<void> => {
  const isGateway = role === 'all' || role === 'api-gateway'
  const stream = isGateway ? client.open('GET', '/own/stream') : undefined
  stream?.req.end()
  await stream?.head

  // Longer than this test waits for anything else: it must end by itself.
  const ended = process().stop({ timeoutMs: 60_000 })
  await waitFor(async () => (await admin.get('/readyz')).status === 503, { what: 'ready to turn off' })
  assert.equal((await admin.get('/livez')).status, 200)
  const isShut = (): Promise<boolean> =>
    client.get('/health').then(
      () => false,
      () => true,
    )
  await waitFor(isShut, { what: 'the door to shut' })
  assert.ok(!process().hasEnded(), 'it waits for what is under way')

  for (const { finish } of under) await finish()
  ownService.release()
  if (stream !== undefined) assert.equal((await stream.answer()).text, 'data: first\n\ndata: second\n\n')
  const done = performance.now()
  assert.deepEqual(await ended, { code: 0, signal: null }, process().output())
  assert.ok(performance.now() - done < endMsMax, 'it ends when nothing is under way any more')
}
