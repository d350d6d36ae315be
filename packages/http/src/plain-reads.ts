import type { Socket } from 'node:net'
import fastJsonStringify from 'fast-json-stringify'
import type { Bearer, Client, Operation, Operations } from '@gatehouse/contract/operation.ts'
import { problemOf } from '@gatehouse/contract/problem.ts'
import { carriesSecret } from '@gatehouse/contract/secret.ts'
import { refusalOf } from './answer-refusal.ts'
import type { Guards, Serving } from './application.ts'
import { addressBehind, requestIdOf, userAgentOf } from './client.ts'
import type { Laned } from './lane/fast-lane.ts'
import type { Answering, Asked } from './listener.ts'
import { plainFields } from './plain-fields.ts'

/**
 * Answers a request for one operation: its fields, flat, where it came from, and its answer. `said` is what somebody
 * in front of us in this process puts on the answer, with the request's id; we say that ourselves where nobody does.
 */
export type PlainRead = (
  rawHeaders: readonly string[],
  socket: Socket,
  res: Answering,
  said?: readonly string[],
) => void

/** The operations that are answered here, by their path. */
export type PlainReads = ReadonlyMap<string, PlainRead>

type Parts = Pick<Serving, 'observe' | 'clock' | 'newRequestId' | 'traces' | 'trustedPeers'> & {
  readonly operations: Operations
  readonly handlers: Readonly<Record<string, Handle>>
  readonly guards: Guards
}

/** As every handler is seen by whoever has validated its input: of a plain read there is none. */
type Handle = (input: never, caller: never) => Promise<unknown>

/**
 * Answers the requests of which there are most without the framework, which takes more time for each than all the rest
 * of it (docs/decisions/0012-cost-of-a-read.md): a GET of an operation that reads nothing but the token. Guards,
 * handlers, schemas and refusals are the same; a request that is in any way more than that is the framework's.
 */
export const plainReads = (parts: Parts): PlainReads =>
  new Map(
    Object.entries(parts.operations)
      .filter(([, operation]) => isPlain(operation))
      .map(([name, operation]) => [operation.path, plainRead(name, operation, parts)]),
  )

/** The same as something that the fast lane can serve. */
export const lanedReads = (reads: PlainReads): Laned => ({
  takes: (method, target) => method === 'GET' && reads.has(target),
  serve: (req, res) => reads.get(req.url ?? '')?.(req.rawHeaders, req.socket, res),
})

/** Whether a request of `node:http` is nothing more than a read: it has one host, and no body. */
export const isPlainRequest = ({ method, rawHeaders }: Asked): boolean => {
  if (method !== 'GET') return false
  let hosts = 0
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4) hosts += name.toLowerCase() === 'host' ? 1 : 0
    else if (name.length === 14 || name.length === 17) {
      const lower = name.toLowerCase()
      if (lower === 'content-length' || lower === 'transfer-encoding') return false
    }
  }
  return hosts === 1
}

const isPlain = ({ method, access, body, params, query, answer }: Operation): boolean =>
  method === 'GET' &&
  access !== 'internal' &&
  body === undefined &&
  params === undefined &&
  query === undefined &&
  answer.stream === undefined

const plainRead = (name: string, { access, answer, path }: Operation, parts: Parts): PlainRead => {
  const { handlers, guards, clock, observe, newRequestId, traces, trustedPeers } = parts
  const handle = handlers[name]
  if (handle === undefined) throw new Error(`operation ${name} has no handler`)
  // Of a schema that is not written out in its place it says that anything may come of it; it is text.
  const stringify: (result: unknown) => string = fastJsonStringify(answer.body)
  const fieldsOfAnswer = carriesSecret(answer.body) ? ['cache-control', 'no-store'] : []

  return (rawHeaders, socket, res, said) => {
    const startedAt = clock.monotonic()
    const fields = plainFields(rawHeaders)
    const client: Client = {
      requestId: requestIdOf(fields.requestId) ?? newRequestId(),
      address: addressBehind(socket.remoteAddress ?? '', fields.forwardedFor, trustedPeers),
      userAgent: userAgentOf(fields.userAgent),
    }
    const { requestId } = client
    const ours = said ?? ['x-request-id', requestId]
    let bearer: Bearer | undefined

    const tell = (status: number, code?: string, err?: unknown): void =>
      observe({
        requestId,
        traceparent: traces?.join(fields.traceparent),
        parent: fields.traceparent,
        method: 'GET',
        route: name,
        path,
        status,
        durationMs: clock.monotonic() - startedAt,
        address: client.address,
        userId: bearer?.userId,
        code,
        err,
      })
    const refuse = (error: unknown): void => {
      const refusal = refusalOf(error)
      const { status, headers, body } = problemOf(refusal, { speaker: 'service', requestId })
      const head = [...Object.entries(headers).flat(), 'content-length', String(Buffer.byteLength(body)), ...ours]
      if (!res.destroyed) {
        res.writeHead(status, head)
        res.end(body)
      }
      tell(status, refusal.code, refusal.particulars.cause)
    }
    const give = (result: unknown): void => {
      try {
        const body = stringify(result)
        const length = Buffer.byteLength(body)
        if (!res.destroyed) {
          res.writeHead(answer.status, [...jsonType, String(length), ...fieldsOfAnswer, ...ours])
          // One piece where it is ASCII, as nearly all are.
          if (length === body.length) res.end(body, 'latin1')
          else res.end(body)
        }
      } catch (error) {
        refuse(error)
        return
      }
      tell(answer.status)
    }
    const ask = (verified: Bearer | undefined): void => {
      bearer = verified
      // The caller holds a Bearer exactly where `access` is 'bearer', which is what `Caller` says; there is no input.
      handle({} as never, (verified === undefined ? client : { ...client, ...verified }) as never).then(give, refuse)
    }

    try {
      const verified = access === 'bearer' ? guards.bearer(rawHeaders) : undefined
      if (verified instanceof Promise) verified.then(ask).catch(refuse)
      else ask(verified)
    } catch (error) {
      refuse(error)
    }
  }
}

const jsonType = ['content-type', 'application/json; charset=utf-8', 'content-length'] as const
