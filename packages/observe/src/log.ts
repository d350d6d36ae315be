import { createRequire } from 'node:module'
import { destination as fileDescriptor, pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import type { Clock } from '@gatehouse/clock/clock.ts'
import { accessEvent, accessLine } from './access-line.ts'
import type { Answered } from './answered.ts'
import { lineBuffer, type LineBuffer } from './line-buffer.ts'
import { logTime } from './log-time.ts'
import { scrubber } from './scrub.ts'
import { standardOutput, writeTheRestAtTheEnd } from './standard-output.ts'

/** Writes wide events. A field whose name the contract marks secret is taken out before anything is written. */
export type Log = {
  readonly debug: (event: object, message: string) => void
  readonly info: (event: object, message: string) => void
  readonly warn: (event: object, message: string) => void
  readonly error: (event: object, message: string) => void
}

/** From the most talkative to the quietest. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** The log of a process, with what only its owner needs of it. */
export type ProcessLog = Log & {
  /** Writes the access line of an answer, at level `info`; below that it costs nothing. */
  readonly answered: (answered: Answered) => void
  /** Lines that were lost because whoever reads them stalled, or the disk was full. */
  readonly linesDropped: () => number
}

type Options = {
  readonly level: LogLevel
  readonly format: 'pretty' | 'json'
  /** Names of members that must never be written, in any case, at any depth: `secretNames(…)` of the contracts. */
  readonly secrets: readonly string[]
  readonly clock: Pick<Clock, 'now'>
  /** Where lines go; the standard output unless told. */
  readonly destination?: Destination
}

type Destination = { readonly write: (line: string) => void } & Partial<Pick<LineBuffer, 'flush' | 'dropped'>>

/** Opens the log of this process: one JSON object a line, or the same for people. */
export const openLog = ({ level, format, secrets, clock, destination }: Options): ProcessLog => {
  const time = logTime(clock)
  // A person sees each line as it is made; machines get them together.
  const out: Destination =
    destination ??
    (format === 'pretty'
      ? fileDescriptor(1)
      : openBuffer((lines) => log.warn({ lines }, 'log lines were lost: nobody took them')))
  const options: LoggerOptions = {
    level,
    // Process id and host name belong to whoever collects the lines.
    base: null,
    timestamp: time,
    formatters: { level: (label) => ({ level: label }), log: scrubber(secrets) },
    // The scrubber has written errors out already, with their causes.
    serializers: { err: (err: unknown) => err },
  }
  const logger = pino(options, format === 'pretty' ? pretty(out) : out)
  const atOnce = soon(() => out.flush?.())
  const log: ProcessLog = {
    debug: (event, message) => logger.debug(wrapped(event), message),
    info: (event, message) => logger.info(wrapped(event), message),
    warn: (event, message) => {
      logger.warn(wrapped(event), message)
      atOnce()
    },
    error: (event, message) => {
      logger.error(wrapped(event), message)
      atOnce()
    },
    answered: answeredBy({ logger, format, out, time }),
    linesDropped: () => out.dropped?.() ?? 0,
  }
  return log
}

const answeredBy = (parts: {
  readonly logger: Logger
  readonly format: 'pretty' | 'json'
  readonly out: Destination
  readonly time: () => string
}): ProcessLog['answered'] => {
  const { logger, format, out, time } = parts
  if (!logger.isLevelEnabled('info')) return () => {}
  return format === 'pretty'
    ? (answered) => logger.info(accessEvent(answered), 'answered')
    : (answered) => out.write(accessLine(answered, time()))
}

/** What is worth a warning is not kept back; what comes in the same turn of the event loop is one write all the same. */
const soon = (flush: () => void): (() => void) => {
  let isComing = false
  const come = (): void => {
    isComing = false
    flush()
  }
  return () => {
    if (isComing) return
    isComing = true
    setImmediate(come)
  }
}

const openBuffer = (recovered: (lines: number) => void): LineBuffer => {
  const buffer = lineBuffer({ sink: standardOutput(), recovered })
  writeTheRestAtTheEnd(buffer)
  return buffer
}

const wrapped = (event: object): object => (event instanceof Error ? { err: event } : event)

const pretty = (destination: DestinationStream): DestinationStream => {
  // Loaded only where a person reads, and at once: the first line must not be lost to a promise.
  const load: (name: 'pino-pretty') => typeof import('pino-pretty') = createRequire(import.meta.url)
  const format = load('pino-pretty').prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true })
  return { write: (line) => destination.write(format(line)) }
}
