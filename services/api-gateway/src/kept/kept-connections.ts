import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { behindTheTurn } from '@gatehouse/http/behind-the-turn.ts'
import type { FieldBlock } from '../field-block.ts'
import { expectsBody, isBodiless } from '../request-methods.ts'
import { Attempt } from './attempt.ts'
import { KeptConnection, type Owner } from './kept-connection.ts'

type Parts = {
  readonly origin: URL
  readonly limits: {
    readonly connectMs: number
    readonly answerHeadMs: number
    readonly answerPauseMs: number
    readonly keepAliveMs: number
    /** How long one may have been idle that a request is sent on which may not be sent twice. */
    readonly idleBeforeWriteMs: number
    readonly answerHeadBytesMax: number
  }
  readonly diedInUse: (error: Error) => void
}

/** A request as undici takes it, with its fields in two parts: those of `clientFields` come first. */
export type Sent = Omit<Dispatcher.DispatchOptions, 'headers' | 'body'> & {
  readonly clientFields: FieldBlock
  /** Flat. */
  readonly headers: readonly string[]
  /** A string is all of it, as Latin-1; the client's fields tell its length. */
  readonly body: string | Readable | null
}

/** The connections to one origin for requests that are here as a whole. */
export type KeptConnections = {
  /** Whether this request may be sent here; what may not is for undici. */
  readonly takes: (request: Sent) => boolean
  readonly dispatch: (request: Sent, handler: Dispatcher.DispatchHandler) => true
  /** Lets what is under way finish, then closes. */
  readonly close: () => Promise<void>
}

/**
 * Sends requests without a body, and those whose small body is here, over connections that are kept, in half the
 * processor time that undici takes for them (docs/decisions/0008-cost-of-a-request.md). Calls the handler as undici
 * does.
 */
export const keptConnections = ({ origin, limits, diedInUse }: Parts): KeptConnections => {
  const all = new Set<KeptConnection>()
  const idle: KeptConnection[] = []
  const shut = Promise.withResolvers<void>()
  let isClosing = false
  let timer: NodeJS.Timeout | undefined

  const isPlain = origin.protocol === 'http:'
  const tickMs = Math.min(500, Math.max(10, Math.min(limits.connectMs, limits.answerHeadMs, limits.answerPauseMs) / 10))
  // One more: the first comes at any time.
  const ticksOf = (ms: number): number => Math.ceil(ms / tickMs) + 1
  const head = `host: ${origin.host}\r\nconnection: keep-alive\r\n`

  const owner: Owner = {
    // Without the brackets of an IPv6 address.
    host: origin.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(origin.port || 80),
    answerHeadBytesMax: limits.answerHeadBytesMax,
    ticks: {
      connect: ticksOf(limits.connectMs),
      answerHead: ticksOf(limits.answerHeadMs),
      answerPause: ticksOf(limits.answerPauseMs),
      keepAlive: Math.floor(limits.keepAliveMs / tickMs),
      beforeWrite: Math.floor(limits.idleBeforeWriteMs / tickMs),
      perSecond: 1000 / tickMs,
    },
    writeSoon: behindTheTurn((connection) => connection.write()),
    idle: (connection) => {
      if (isClosing) connection.destroy()
      else idle.push(connection)
    },
    gone: (connection) => {
      if (!all.delete(connection)) return
      const at = idle.indexOf(connection)
      if (at !== -1) idle.splice(at, 1)
      if (all.size > 0) return
      clearInterval(timer)
      timer = undefined
      if (isClosing) shut.resolve()
    },
    again: (attempt) => void all.add(new KeptConnection(owner, attempt)),
    diedInUse,
  }

  const tick = (): void => {
    for (const connection of all) connection.tick()
  }

  return {
    takes: ({ method, path, body, upgrade }) =>
      isPlain && isWhole(method, body) && !upgrade && pathForm.test(path) && !isClosing,
    dispatch: (request, handler) => {
      const { method } = request
      const attempt = new Attempt(method, bytesOf(request, head), handler)
      // The one that was used last. A write is not sent on one that has been idle for longer: see `isFresh`.
      const kept = isBodiless(method) || idle.at(-1)?.isFresh() === true ? idle.pop() : undefined
      if (kept === undefined) all.add(new KeptConnection(owner, attempt))
      else kept.send(attempt)
      timer ??= setInterval(tick, tickMs).unref()
      return true
    },
    close: async () => {
      isClosing = true
      for (const connection of idle.splice(0)) connection.destroy()
      if (all.size > 0) await shut.promise
    },
  }
}

/** What can stand in a request line. Fields have been looked at by the parser that they came from. */
const pathForm = /^[\x21-\x7e\x80-\xff]+$/

/** Whether all of the request is here. A body where none is expected would go on a connection that is used again. */
const isWhole = (method: string, body: Sent['body']): boolean =>
  isBodiless(method) ? body === null : expectsBody(method) && (body === null || typeof body === 'string')

/** All of a request, as Latin-1: one string is one write. */
const bytesOf = ({ method, path, clientFields, headers, body }: Sent, ours: string): string => {
  let bytes = `${method} ${path} HTTP/1.1\r\n${ours}${clientFields.lines()}`
  for (let at = 0; at + 1 < headers.length; at += 2) bytes += `${headers[at]}: ${headers[at + 1]}\r\n`
  if (typeof body === 'string') return `${bytes}\r\n${body}`
  return expectsBody(method) && !tellsLength(clientFields) ? `${bytes}content-length: 0\r\n\r\n` : `${bytes}\r\n`
}

const tellsLength = ({ flat }: FieldBlock): boolean => {
  for (let at = 0; at < flat.length; at += 2) {
    if (flat[at]?.length === 14 && flat[at]?.toLowerCase() === 'content-length') return true
  }
  return false
}
