import assert from 'node:assert/strict'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from './limits.ts'
import { adasToken, startGateway, startServer, type RunningServer } from './testing.ts'
import { shake, startSwitchingServer } from './web-socket/testing.ts'

/** A service that counts its connections, and answers `/slow` when it is told to. */
const startService = async (name: string) => {
  let release = (): void => {}
  const server = await startServer((req, res) => {
    if (req.url?.endsWith('/slow') === true) {
      res.write(`${name} begins, `)
      release = () => void res.end('and ends')
    } else res.end(name)
  })
  let connections = 0
  let open = 0
  server.server.on('connection', (socket) => {
    connections += 1
    open += 1
    socket.once('close', () => (open -= 1))
  })
  return { server, connections: () => connections, open: () => open, release: () => release() }
}

const route = (prefix: string, { url }: RunningServer) => ({ prefix, upstreams: [url], access: 'public' }) as const

const answer = async (url: string): Promise<string> => {
  const response = await fetch(url)
  return `${response.status} ${await response.text()}`
}

test('a change holds from the next request on', async () => {
  await using resources = new AsyncDisposableStack()
  const [one, other] = [await startService('one'), await startService('other')]
  const gateway = resources.use(await startGateway({ ownRoutes: [route('/a', one.server), route('/b', one.server)] }))
  resources.use(one.server)
  resources.use(other.server)
  assert.equal(await answer(`${gateway.url}/a`), '200 one')
  await gateway.change(route('/a', other.server), route('/c', one.server))
  assert.equal(await answer(`${gateway.url}/a`), '200 other')
  assert.equal(await answer(`${gateway.url}/c`), '200 one')
  assert.match(await answer(`${gateway.url}/b`), /^404 .*"service-not-found"/)
  assert.equal((await fetch(`${gateway.url}/auth`)).status, 204)
})

test('a request under way ends on its old route; then the upstream that nothing leads to is closed', async () => {
  await using resources = new AsyncDisposableStack()
  const one = await startService('one')
  resources.use(one.server)
  const gateway = resources.use(await startGateway({ ownRoutes: [route('/a', one.server)] }))
  const slow = await fetch(`${gateway.url}/a/slow`)
  await gateway.change()
  assert.match(await answer(`${gateway.url}/a/slow`), /^404 /)
  assert.equal(one.open(), 1)
  one.release()
  assert.equal(await slow.text(), 'one begins, and ends')
  // Long before it would have been closed for being idle.
  const what = 'the end of the connection to the removed service'
  await waitFor(() => one.open() === 0, { what, timeoutMs: limits.upstreamKeepAliveMs / 2 })
})

test('a route whose upstream did not change keeps its connections', async () => {
  await using resources = new AsyncDisposableStack()
  const one = await startService('one')
  resources.use(one.server)
  const gateway = resources.use(await startGateway({ ownRoutes: [route('/a', one.server)] }))
  for (const prefix of ['/a', '/b', '/c']) {
    await gateway.change(route(prefix, one.server))
    assert.equal(await answer(gateway.url + prefix), '200 one')
  }
  assert.equal(one.connections(), 1)
})

test('a request whose token is still being verified when its route changes is served as it was found', async () => {
  await using resources = new AsyncDisposableStack()
  const one = await startService('one')
  resources.use(one.server)
  const verified = Promise.withResolvers<{ userId: string; sessionId: string; tokenId: string; expiresAt: number }>()
  let asked = false
  const gateway = resources.use(
    await startGateway({
      ownRoutes: [{ ...route('/a', one.server), access: 'required' }],
      verify: () => {
        asked = true
        return verified.promise
      },
    }),
  )
  const waiting = fetch(`${gateway.url}/a`, { headers: { authorization: `Bearer ${adasToken}` } })
  await waitFor(() => asked, { what: 'the question about the token' })
  await gateway.change()
  verified.resolve({ userId: 'ada', sessionId: 'one', tokenId: 'one', expiresAt: 4_102_444_800 })
  assert.equal(await (await waiting).text(), 'one')
})

test('twenty changes under load fail no request, and a WebSocket on a route that stays lives on', async () => {
  await using resources = new AsyncDisposableStack()
  const services = [await startService('one'), await startService('other')] as const
  for (const { server } of services) resources.use(server)
  const [one, other] = services
  const chat = resources.use(await startSwitchingServer())
  const kept = [route('/kept', one.server), route('/chat', chat)]
  const moved = (round: number) => route('/moved', round % 2 === 0 ? one.server : other.server)
  const gateway = resources.use(await startGateway({ ownRoutes: [...kept, moved(0)] }))
  const { socket, heard, ended } = await shake(gateway, '/chat')
  const service = await chat.connection(1)
  using agent = agentOf(16)
  const statuses = new Map<string, number>()
  let isOver = false
  let answers = 0
  const load = async (path: string): Promise<void> => {
    while (!isOver) {
      const response = await ask(gateway.url + path, agent)
      const outcome = `${path} ${response.statusCode} ${await text(response)}`
      statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1)
      answers += 1
    }
  }
  const loads = ['/kept', '/moved', '/kept', '/moved'].map(load)
  for (let round = 1; round <= 20; round += 1) {
    await gateway.change(...kept, moved(round), ...(round % 3 === 0 ? [route('/more', other.server)] : []))
    const until = answers + 50
    await waitFor(() => answers >= until, { what: 'fifty more answers' })
  }
  isOver = true
  await Promise.all(loads)
  service.write('still here')
  await waitFor(() => heard().toString() === 'still here', { what: 'word on the old WebSocket' })
  assert.equal(ended(), undefined)
  socket.destroy()
  assert.deepEqual([...statuses.keys()].toSorted(), ['/kept 200 one', '/moved 200 one', '/moved 200 other'])
})

const agentOf = (maxSockets: number): Agent & Disposable =>
  Object.assign(new Agent({ keepAlive: true, maxSockets }), {
    [Symbol.dispose](this: Agent) {
      this.destroy()
    },
  })

const ask = (url: string, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => void request(url, { agent }, resolve).on('error', reject).end())
