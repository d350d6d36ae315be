import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Bearer, Client, Handlers, Operation, Operations } from '@gatehouse/contract/operation.ts'
import { refuse } from '@gatehouse/contract/refusals.ts'
import { carriesSecret } from '@gatehouse/contract/secret.ts'
import type { Observe } from '@gatehouse/observe/answered.ts'
import type { Traces } from '@gatehouse/observe/traces.ts'
import { answerRefusal } from './answer-refusal.ts'
import { clientOf, requestIdOf, type TrustedPeers } from './client.ts'
import { readJson } from './json-body.ts'
import { limits } from './limits.ts'
import { pathTable } from './path-table.ts'
import { isPlainRequest, plainReads, type PlainReads } from './plain-reads.ts'
import { schemaValidator } from './schemas.ts'

/** A service made of operations, ready to be listened to or called in process: both ways carry the same bytes. */
export type Application = {
  readonly listener: RequestListener
  /** The operations that can also be asked for without a request of `node:http`. */
  readonly reads: PlainReads
  /** Asks the application's own `GET /health` without a socket. */
  readonly probe: () => Promise<boolean>
  readonly close: () => Promise<void>
}

/** Finds out who is calling, or refuses. One for each kind of access that is not public. */
export type Guards = {
  readonly bearer: (rawHeaders: readonly string[]) => Bearer | Promise<Bearer>
  readonly internal: (rawHeaders: readonly string[]) => void
}

/** What every service needs to answer requests, the same for all of them. */
export type Serving = {
  readonly observe: Observe
  readonly clock: Clock
  readonly newRequestId: () => string
  /** None where nobody would hear of it. */
  readonly traces: Traces | undefined
  readonly trustedPeers: TrustedPeers
  /** Of the product, for the OpenAPI document. */
  readonly version: string
}

type Parts<Ops extends Operations> = Serving & {
  readonly operations: Ops
  readonly handlers: Handlers<Ops>
  readonly guards: Guards
  /** The OpenAPI document, served as it stands. */
  readonly document: object
  /** Where the document can be read: `/openapi.json`, and under the prefix that the gateway routes. */
  readonly documentPaths: readonly string[]
}

/** Builds the application: one route for each operation, everything else read from the contract. */
export const application = async <Ops extends Operations>(parts: Parts<Ops>): Promise<Application> => {
  const app = Fastify({
    bodyLimit: limits.bodyBytesMax,
    exposeHeadRoutes: true,
    genReqId: (req) => requestIdOf(req.headers['x-request-id']) ?? parts.newRequestId(),
    // A path that is no UTF-8 never becomes a request of a route.
    frameworkErrors: (error, request, reply) => answerRefusal(error, request, reply),
    logger: false,
    routerOptions: { maxParamLength: limits.pathParameterMax },
    // Draining is the server's work (listen.ts); a request that has reached us is executed.
    return503OnClosing: false,
  })
  const paths = pathTable(parts.operations)
  app.setValidatorCompiler(schemaValidator())
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, readJson)
  app.decorateRequest('startedAt', 0)
  app.decorateRequest('bearer', undefined)
  app.addHook('onRequest', (request, reply, done) => {
    request.setDecorator('startedAt', parts.clock.monotonic())
    reply.header('x-request-id', request.id)
    const { httpVersion, headers } = request.raw
    // RFC 9112, section 3.2.
    done(httpVersion === '1.1' && headers.host === undefined ? refuse('malformed-request') : undefined)
  })
  app.addHook('onResponse', (request, reply, done) => {
    parts.observe(answeredOf(request, reply, parts))
    done()
  })
  app.setErrorHandler((error, request, reply) => answerRefusal(error, request, reply))
  app.setNotFoundHandler((request) => {
    const allowed = paths.methodsAt(request.url)
    throw allowed.length === 0
      ? refuse('operation-not-found')
      : refuse('method-not-allowed', { headers: { allow: allowed.join(', ') } })
  })
  for (const [name, operation] of Object.entries(parts.operations)) route(app, parts, name, operation)
  const document = JSON.stringify(parts.document)
  for (const path of parts.documentPaths) {
    app.get(path, { config: { name: 'openapi' } }, (_request, reply) => reply.type('application/json').send(document))
  }
  await app.ready()
  const reads = plainReads(parts)
  return {
    listener: (req, res) => {
      const read = reads.get(req.url ?? '')
      if (read !== undefined && isPlainRequest(req)) read(req.rawHeaders, req.socket, res)
      else app.routing(req, res)
    },
    reads,
    probe: async () => (await app.inject({ method: 'GET', url: '/health' })).statusCode === 200,
    close: () => app.close(),
  }
}

const route = (app: FastifyInstance, parts: Parts<Operations>, name: string, operation: Operation): void => {
  const handle = parts.handlers[name]
  if (handle === undefined) throw new Error(`operation ${name} has no handler`)
  const { access, answer, body, params, query } = operation
  app.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { name, readsBody: body !== undefined },
    schema: {
      ...(body === undefined ? {} : { body }),
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(answer.stream === undefined ? { response: { [answer.status]: answer.body } } : {}),
    },
    // Before the body is read: who may not ask is not listened to.
    onRequest: async (request) => {
      if (access === 'internal') parts.guards.internal(request.raw.rawHeaders)
      if (access === 'bearer') request.setDecorator('bearer', await parts.guards.bearer(request.raw.rawHeaders))
    },
    handler: async (request, reply) => {
      // Fastify has validated the three against the operation's schemas, whose types `Input` are.
      const input = { ...asObject(request.body), ...asObject(request.query), ...asObject(request.params) }
      const client = clientOf(request.raw, request.id, parts.trustedPeers)
      const caller: Client & Partial<Bearer> = { ...client, ...bearerOf(request) }
      // `caller` holds a Bearer exactly where `access` is 'bearer', which is what `Caller` says.
      const result = await handle(input, caller)
      reply.code(answer.status)
      if (carriesSecret(answer.body)) reply.header('cache-control', 'no-store')
      if (answer.stream === undefined) return result
      // A stream operation's handler answers an AsyncIterable: see `Answer`.
      const items = result as AsyncIterable<object>
      return reply.type('application/x-ndjson').header('cache-control', 'no-store').send(lines(items))
    },
  })
}

const asObject = (part: unknown): object => (typeof part === 'object' && part !== null ? part : {})

const bearerOf = (request: FastifyRequest): Bearer | undefined => request.getDecorator<Bearer | undefined>('bearer')

/** Node joins several of them, which is no valid one any more. */
const traceparentOf = ({ headers }: FastifyRequest): string | undefined =>
  typeof headers['traceparent'] === 'string' ? headers['traceparent'] : undefined

const lines = (items: AsyncIterable<object>): Readable =>
  Readable.from(
    (async function* () {
      for await (const item of items) yield `${JSON.stringify(item)}\n`
    })(),
    { objectMode: false },
  )

const answeredOf = (
  request: FastifyRequest,
  reply: FastifyReply,
  { clock, trustedPeers, traces }: Parts<Operations>,
) => {
  const parent = traceparentOf(request)
  const bearer = bearerOf(request)
  const { code, err } = answerRefusal.told(reply)
  // Our own routes carry a name; what no route took has none.
  const { name = 'none' } = request.routeOptions.config as { name?: string }
  return {
    requestId: request.id,
    traceparent: traces?.join(parent),
    parent,
    method: request.method,
    route: name,
    path: request.url.split('?', 1)[0] ?? '',
    status: reply.statusCode,
    durationMs: clock.monotonic() - request.getDecorator<number>('startedAt'),
    address: clientOf(request.raw, request.id, trustedPeers).address,
    userId: bearer?.userId,
    code,
    err,
  }
}
