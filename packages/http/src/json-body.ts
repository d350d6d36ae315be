import type { FastifyRequest } from 'fastify'
import { refuse } from '@gatehouse/contract/refusals.ts'

/**
 * Reads a JSON body strictly: UTF-8 that is UTF-8, and no `__proto__`, which would reach
 * every object in the process if a careless merge met them. An operation that takes no body ignores one, as HTTP
 * clients send empty ones unasked.
 */
export const readJson = (
  request: FastifyRequest,
  bytes: Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void => {
  try {
    done(null, parse(request, bytes))
  } catch (error) {
    // `parse` throws refusals alone.
    done(error as Error)
  }
}

const parse = (request: FastifyRequest, bytes: Buffer): unknown => {
  if (!takesBody(request)) return undefined
  if (bytes.length === 0) return undefined
  if (!isJson(request.headers['content-type'])) {
    throw refuse('unsupported-media-type', { detail: 'Send the body as application/json.' })
  }
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch (cause) {
    throw refuse('malformed-json', { detail: 'The body is not valid UTF-8.', cause })
  }
  try {
    return JSON.parse(text, refuseProto)
  } catch {
    // Without its cause: V8 quotes the text around the fault, which may be a password, and causes are logged.
    throw refuse('malformed-json', { detail: 'The body cannot be parsed as JSON.' })
  }
}

// A byte order mark is not JSON (RFC 8259, section 8.1) and parsers may ignore it: so do we. Shared: decoding whole
// buffers keeps no state.
const utf8 = new TextDecoder('utf-8', { fatal: true })

const takesBody = (request: FastifyRequest): boolean =>
  // Set by application.ts on each of its routes; a path without a route has none.
  (request.routeOptions.config as { readsBody?: boolean }).readsBody === true

const isJson = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?;?$/i.test(contentType)

const refuseProto = (key: string, value: unknown): unknown => {
  if (key === '__proto__') throw new SyntaxError('__proto__ is not allowed')
  return value
}
