import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { inProcessUpstream } from './in-process-upstream.ts'
import type { Upstream } from './ports.ts'
import { networked, startGateway, startServer, type RunningGateway, type Serve } from './testing.ts'

/** What a service must not be able to tell: whether it is in this process or across the network. */
const builders: Readonly<Record<string, (serve: Serve) => Promise<readonly [Upstream, AsyncDisposable]>>> = {
  'in process': async (serve) => [
    inProcessUpstream({ listener: (req, res) => void serve(req, res), probe: async () => true }),
    { [Symbol.asyncDispose]: async () => {} },
  ],
  'across the network': async (listener) => {
    const server = await startServer(listener)
    return [networked(server.url), server]
  },
}

/** A gateway whose auth-service is this listener, in each of the ways that a service can be reached. */
export const ways = Object.entries(builders).map(
  ([way, build]) =>
    [
      way,
      async (serve: Serve) => {
        const [auth, service] = await build(serve)
        const gateway = await startGateway({ auth })
        return {
          gateway,
          [Symbol.asyncDispose]: async () => {
            await gateway[Symbol.asyncDispose]()
            await service[Symbol.asyncDispose]()
          },
        }
      },
    ] as const,
)

/** Answers what it was asked, as JSON. */
export const echo: Serve = async (req, res) => {
  const body = await text(req)
  const { method, url, rawHeaders, headers } = req
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify({ method, url, rawHeaders, headers, body }))
}

/** What `echo` heard. */
export type Echo = {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type Asked = {
  readonly method?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders | readonly string[]
  readonly body?: string | readonly string[]
}

/** Asks the gateway, on a connection of its own. */
export const ask = (
  gateway: RunningGateway,
  { path = '/auth/echo', method = 'GET', headers, body }: Asked = {},
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const sent = request(
      gateway.url + path,
      { method, agent: false, ...(headers === undefined ? {} : { headers }) },
      resolve,
    )
    sent.on('error', reject)
    if (Array.isArray(body)) for (const piece of body) sent.write(piece)
    else if (typeof body === 'string') sent.write(body)
    sent.end()
  })

/** Asks a service that is `echo`, and reads what it heard. */
export const echoed = async (gateway: RunningGateway, asked?: Asked): Promise<Echo> =>
  JSON.parse(await text(await ask(gateway, asked))) as Echo
