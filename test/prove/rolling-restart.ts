import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startManyProcesses, type ManyProcesses } from '../system/many-processes.ts'
import { newSignedIn } from '../system/people.ts'
import { openSocket, type OpenSocket } from '../system/web-socket.ts'
import { balanced, type Balanced, type Outcome } from './balanced.ts'
import { rounded, type Proof } from './proof.ts'

type Size = {
  /** In each every process is restarted, one after the other. */
  readonly rounds: number
  readonly routeChanges: number
  /** That ask all the time. */
  readonly clients: number
}

/** Every process is restarted and the route file changed, again and again, and no request is lost. */
export const rollingRestart: Proof<Size> = {
  name: 'rolling-restart',
  full: { rounds: 20, routeChanges: 20, clients: 8 },
  small: { rounds: 1, routeChanges: 3, clients: 3 },
  run: async ({ rounds, routeChanges, clients }) => {
    const world = await startManyProcesses()
    const door = balanced(world.replicas('api-gateway'))
    const tally: Tally = { requests: 0, failures: [] }
    const stopping = new AbortController()
    try {
      const { token } = await newSignedIn(world.gateway)
      const load = Promise.all(
        Array.from({ length: clients }, (_each, first) => keepAsking(door, { token, first, tally }, stopping.signal)),
      )
      const begun = performance.now()
      const restarts: string[] = []
      for (let round = 0; round < rounds; round += 1) {
        for (const each of world.replicas()) {
          const stopped = new Date().toISOString()
          assert.deepEqual(await each.process().stop({ timeoutMs: 60_000 }), { code: 0, signal: null })
          restarts.push(`${each.client.origin} ${each.role} told to stop ${stopped}, gone ${new Date().toISOString()}`)
          await each.start()
          await waitFor(() => door.seesAllReady(), { what: 'the balancer to see all gateways' })
        }
      }
      const restarted = performance.now()
      const sockets = await openSockets(world, token)
      for (let change = 1; change <= routeChanges; change += 1) {
        await changeRoutes(world, change)
        await stillTalk(sockets, change)
      }
      const ended = performance.now()
      stopping.abort()
      await load
      assert.deepEqual(
        tally.failures,
        [],
        `and what the gateways say of them:\n${loggedFailures(world)}\n${restarts.join('\n')}`,
      )
      return {
        restarts: rounds * world.replicas().length,
        route_changes: routeChanges,
        requests: tally.requests,
        failed_requests: 0,
        web_sockets_that_lived_on: sockets.length,
        restarting_s: rounded((restarted - begun) / 1_000),
        changing_routes_s: rounded((ended - restarted) / 1_000),
      }
    } finally {
      stopping.abort()
      door.close()
      await world.stop()
    }
  },
}

type Tally = { requests: number; readonly failures: string[] }

type Errand = { readonly token: string; readonly first: number; readonly tally: Tally }

const failuresKept = 20
const json = 'application/json'

/** What is asked, in turn: reads and writes, of both services and of one's own, with bodies and without. */
const errands = [
  ['GET', '/users/profile'],
  ['PUT', '/users/profile', JSON.stringify({ bio: 'still here' })],
  ['POST', '/auth/validate'],
  ['POST', '/members/echo', JSON.stringify({ some: 'thing' })],
  ['GET', '/auth/sessions'],
  ['GET', '/members/echo'],
] as const

const keepAsking = async (door: Balanced, { token, first, tally }: Errand, stopping: AbortSignal): Promise<void> => {
  for (let turn = first; !stopping.aborted; turn += 1) {
    const [method, path, body] = errands[turn % errands.length] ?? errands[0]
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': json }) }
    const outcome = await door.send(method, path, headers, body)
    tally.requests += 1
    if (!isWell(path, outcome) && tally.failures.length < failuresKept) {
      tally.failures.push(`${new Date().toISOString()} ${method} ${path}: ${JSON.stringify(outcome)}`)
    }
  }
}

/** The access lines of failed requests, each with its cause. */
const loggedFailures = ({ replicas }: ManyProcesses): string =>
  replicas('api-gateway')
    .flatMap(({ logs }) => logs().split('\n'))
    .filter((line) => /"status":50\d/.test(line))
    .slice(0, failuresKept)
    .join('\n')

/** A profile that nobody has written yet is a 404 with a clear conscience. */
const isWell = (path: string, outcome: Outcome): boolean =>
  'status' in outcome && (outcome.status === 200 || (path === '/users/profile' && outcome.status === 404))

/** Adds a route, takes off the one before it, and waits until every gateway does the same. */
const changeRoutes = async ({ replicas, setRoutes, ownService }: ManyProcesses, change: number): Promise<void> => {
  await setRoutes([{ prefix: `/change-${change}`, upstream: ownService.origin, access: 'public' }])
  for (const { client } of replicas('api-gateway')) {
    const isChanged = async (): Promise<boolean> => {
      const [added, removed] = [
        await client.get(`/change-${change}/echo`),
        await client.get(`/change-${change - 1}/echo`),
      ]
      return added.status === 200 && removed.status === 404
    }
    await waitFor(isChanged, { what: `the route of change ${change}`, timeoutMs: 10_000 })
  }
  await delay(50)
}

/** Some through each gateway, all on a route that no change concerns. */
const openSockets = async ({ replicas }: ManyProcesses, bearer: string): Promise<readonly OpenSocket[]> => {
  const doors = replicas('api-gateway').flatMap(({ client }) => Array.from({ length: socketsPerGateway }, () => client))
  return Promise.all(doors.map(({ origin }) => openSocket(origin, '/members/socket', { bearer })))
}

const socketsPerGateway = 5

const stillTalk = async (sockets: readonly OpenSocket[], change: number): Promise<void> => {
  const answers = await Promise.all(sockets.map(({ ask }) => ask(`after change ${change}`)))
  for (const answer of answers) assert.equal(answer.toString(), `after change ${change}`)
}
