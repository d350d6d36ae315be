import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import type { Clock } from '@gatehouse/clock/clock.ts'
import type { Answered, Observe } from './answered.ts'
import { limits } from './limits.ts'
import type { Log } from './log.ts'
import { attributes, spanOf, type Ended } from './span.ts'
import { isSampled } from './traces.ts'

/** Sends the spans of answered requests to a collector. Nobody waits for it. */
export type SpanExporter = {
  /** Takes the span of an answer, if its trace is recorded. */
  readonly record: Observe
  readonly exported: () => number
  /** Spans that were given up: the queue was full, or the collector did not take them. */
  readonly dropped: () => number
  /** Sends what there is, once and with little patience, and stops. */
  readonly close: () => Promise<void>
}

type Parts = {
  /** Where the collector takes traces: `http://collector:4318/v1/traces`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  readonly version: string
  readonly clock: Pick<Clock, 'now'>
  readonly log: Pick<Log, 'info' | 'warn'>
}

/**
 * Opens an exporter by OTLP over HTTP, in JSON. Of our own: the library for it brings 16 packages, 30 MB of memory and
 * a third of a second to the start, for what a queue and a POST do.
 */
export const spanExporter = async (parts: Parts): Promise<SpanExporter> => {
  const { clock, log } = parts
  const post = await poster(parts)
  const queue: Ended[] = []
  let sending: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let exported = 0
  let dropped = 0
  let isAway = false
  let isClosing = false

  const later = (ms: number): void => {
    timer ??= setTimeout(send, ms).unref()
  }

  const send = (): void => {
    clearTimeout(timer)
    timer = undefined
    sending ??= sendAll().finally(() => {
      sending = undefined
      if (queue.length > 0 && !isClosing) later(limits.spansEveryMs)
    })
  }

  const sendAll = async (): Promise<void> => {
    do {
      const batch = queue.splice(0, limits.spansAtOnce)
      const fault = await deliver(bodyOf(batch, parts))
      if (fault === undefined) exported += batch.length
      else dropped += batch.length
      tell(fault)
    } while (queue.length >= limits.spansAtOnce && !isAway)
  }

  /** Tries until it is taken or refused for good; meanwhile the queue fills up, and then what comes is dropped. */
  const deliver = async (body: string): Promise<string | undefined> => {
    for (let tried = 1; ; tried += 1) {
      const { fault, mayPass } = await post(body)
      if (fault === undefined || !mayPass || tried >= limits.spanTriesMax || isClosing) return fault
      tell(fault)
      await pause(limits.spanRetryMs * 2 ** (tried - 1))
    }
  }

  const tell = (fault: string | undefined): void => {
    if (fault !== undefined && !isAway) log.warn({ fault, url: parts.url }, 'the collector does not take traces')
    if (fault === undefined && isAway) log.info({ dropped, url: parts.url }, 'the collector takes traces again')
    isAway = fault !== undefined
  }

  return {
    record: (answered) => {
      if (!isRecorded(answered)) return
      if (queue.length >= limits.spansWaitingMax) {
        dropped += 1
        return
      }
      queue.push({ answered, endedAt: clock.now() })
      if (queue.length >= limits.spansAtOnce && sending === undefined) send()
      else later(limits.spansEveryMs)
    },
    exported: () => exported,
    dropped: () => dropped,
    close: async () => {
      isClosing = true
      clearTimeout(timer)
      const last = (async () => {
        await sending
        while (queue.length > 0 && !isAway) await sendAll()
      })()
      // With a timer that keeps the process alive: nothing else of this does.
      const { promise: patience, resolve } = Promise.withResolvers<void>()
      const enough = setTimeout(resolve, limits.lastSpansMs)
      await Promise.race([last, patience])
      clearTimeout(enough)
      dropped += queue.length
    },
  }
}

const isRecorded = (answered: Answered): answered is Ended['answered'] =>
  answered.traceparent !== undefined && isSampled(answered.traceparent)

const bodyOf = (batch: readonly Ended[], { serviceName, version }: Parts): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': serviceName, 'service.version': version }) },
        scopeSpans: [{ scope: { name: 'gatehouse', version }, spans: batch.map(spanOf) }],
      },
    ],
  })

/** Why a batch was not taken, and whether it may be taken later (OTLP, "Failures"). */
type Outcome = { readonly fault: string | undefined; readonly mayPass: boolean }

const poster = async ({ url, headers }: Parts): Promise<(body: string) => Promise<Outcome>> => {
  const secure = url.startsWith('https:') ? await import('node:https') : undefined
  const request = secure?.request ?? plainRequest
  const agent = new (secure?.Agent ?? PlainAgent)({ keepAlive: true, maxSockets: 1 })
  return (body) =>
    new Promise((resolve) => {
      const lost = (error: Error): void => resolve({ fault: error.message, mayPass: true })
      const sent = request(
        url,
        {
          method: 'POST',
          agent,
          signal: AbortSignal.timeout(limits.spanTimeoutMs),
          headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          const status = answer.statusCode ?? 0
          const fault = status >= 200 && status < 300 ? undefined : `status ${status}`
          answer
            .once('end', () => resolve({ fault, mayPass: passing.has(status) }))
            .once('error', lost)
            .resume()
        },
      )
      // An export must not keep alive a process that is about to end.
      sent.once('error', lost).once('socket', (socket) => socket.unref())
      sent.end(body)
    })
}

const passing = new Set([429, 502, 503, 504])

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
