import { createRequire } from 'node:module'
import { destination as fileDescriptor, pino, stdTimeFunctions, type DestinationStream, type LoggerOptions } from 'pino'
import { scrubber } from './scrub.ts'

/** Writes wide events. A field whose name the contract marks secret is taken out before anything is written. */
export type Log = {
  readonly debug: (event: object, message: string) => void
  readonly info: (event: object, message: string) => void
  readonly warn: (event: object, message: string) => void
  readonly error: (event: object, message: string) => void
}

/** From the most talkative to the quietest. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

type Options = {
  readonly level: LogLevel
  readonly format: 'pretty' | 'json'
  /** Names of members that must never be written, in any case, at any depth: `secretNames(…)` of the contracts. */
  readonly secrets: readonly string[]
  /** Where lines go; the standard output unless told. */
  readonly destination?: { readonly write: (line: string) => void }
}

/** Opens the log of this process: one JSON object a line, or the same for people. */
export const openLog = ({ level, format, secrets, destination = fileDescriptor(1) }: Options): Log => {
  const options: LoggerOptions = {
    level,
    // Process id and host name belong to whoever collects the lines.
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: scrubber(secrets) },
    // The scrubber has written errors out already, with their causes.
    serializers: { err: (err: unknown) => err },
  }
  const logger = pino(options, format === 'pretty' ? pretty(destination) : destination)
  return {
    debug: (event, message) => logger.debug(wrapped(event), message),
    info: (event, message) => logger.info(wrapped(event), message),
    warn: (event, message) => logger.warn(wrapped(event), message),
    error: (event, message) => logger.error(wrapped(event), message),
  }
}

const wrapped = (event: object): object => (event instanceof Error ? { err: event } : event)

const pretty = (destination: DestinationStream): DestinationStream => {
  // Loaded only where a person reads, and at once: the first line must not be lost to a promise.
  const load: (name: 'pino-pretty') => typeof import('pino-pretty') = createRequire(import.meta.url)
  const format = load('pino-pretty').prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true })
  return { write: (line) => destination.write(format(line)) }
}
