import { request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

/** A JSON object as it came, not yet believed. */
export type Json = Readonly<Record<string, unknown>>

/** An answer, whole. */
export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly bytes: Buffer
  readonly text: string
  /** The body when it is a JSON object; empty otherwise. */
  readonly json: Json
}

/** What goes along with a request. */
export type Ask = {
  readonly bearer?: string
  /** Flat: name, value, name, value. So a field can be sent twice, and in any spelling. */
  readonly headers?: readonly string[]
  /** Sent as `application/json`. */
  readonly json?: unknown
  /** Sent as it stands, with whatever `headers` say of it. */
  readonly body?: string | Buffer
  readonly timeoutMs?: number
}

/** Speaks HTTP to one origin: each request on a connection of its own, no redirect followed, nothing decompressed. */
export type Client = {
  readonly origin: string
  readonly ask: (method: string, path: string, ask?: Ask) => Promise<Answer>
  readonly get: (path: string, ask?: Ask) => Promise<Answer>
  readonly post: (path: string, ask?: Ask) => Promise<Answer>
  readonly put: (path: string, ask?: Ask) => Promise<Answer>
  readonly delete: (path: string, ask?: Ask) => Promise<Answer>
  /** A request whose body the test writes itself. */
  readonly open: (method: string, path: string, headers?: readonly string[]) => OpenRequest
}

export type OpenRequest = {
  readonly req: ClientRequest
  /** The answer's head; its body is still to be read. */
  readonly head: Promise<IncomingMessage>
  /** Reads the whole answer. */
  readonly answer: () => Promise<Answer>
}

/** Makes a client for `http://host:port`. */
export const clientOf = (origin: string): Client => {
  const open: Client['open'] = (method, path, headers = []) => openRequest(origin, { method, path, headers })
  const ask: Client['ask'] = (method, path, ask = {}) => {
    const body = ask.json === undefined ? ask.body : JSON.stringify(ask.json)
    const { headers = [] } = ask
    const isMeasured =
      (body !== undefined || methodsWithBody.has(method)) && !names(headers).includes('transfer-encoding')
    const { req, answer } = open(method, path, [
      ...(ask.bearer === undefined ? [] : ['Authorization', `Bearer ${ask.bearer}`]),
      ...(ask.json === undefined ? [] : ['Content-Type', 'application/json']),
      ...(isMeasured ? ['Content-Length', `${Buffer.byteLength(body ?? '')}`] : []),
      ...headers,
    ])
    const timeoutMs = ask.timeoutMs ?? timeoutMsDefault
    const timer = setTimeout(() => req.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    req.end(body)
    return answer().finally(() => clearTimeout(timer))
  }
  return {
    origin,
    ask,
    get: (path, options) => ask('GET', path, options),
    post: (path, options) => ask('POST', path, options),
    put: (path, options) => ask('PUT', path, options),
    delete: (path, options) => ask('DELETE', path, options),
    open,
  }
}

/** All values of a field, in order, whatever its spelling. */
export const fieldsOf = (rawHeaders: readonly string[], name: string): readonly string[] =>
  rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)

const names = (flat: readonly string[]): readonly string[] =>
  flat.filter((_value, at) => at % 2 === 0).map((name) => name.toLowerCase())

/** Longer than any answer that is still one: whoever hangs fails the test by name. */
const timeoutMsDefault = 20_000

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH'])

type Opening = { readonly method: string; readonly path: string; readonly headers: readonly string[] }

const openRequest = (origin: string, { method, path, headers }: Opening): OpenRequest => {
  const { hostname, port, host } = new URL(origin)
  const given = names(headers)
  const own = [
    ['Host', host],
    ['Connection', 'close'],
  ].filter(([name = '']) => !given.includes(name.toLowerCase()))
  const req = request({ hostname, port, method, path, agent: false, headers: [...own.flat(), ...headers] })
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', resolve)
    // Kept for the life of the request: a connection may break after its answer has begun.
    req.on('error', reject)
  })
  // Whoever does not wait for the answer does not have to hear that none came.
  head.catch(() => {})
  return { req, head, answer: () => head.then(whole) }
}

const whole = async (res: IncomingMessage): Promise<Answer> => {
  const chunks: Buffer[] = []
  for await (const chunk of res) chunks.push(chunk as Buffer) // no encoding is set: chunks are buffers
  const bytes = Buffer.concat(chunks)
  const text = bytes.toString('utf8')
  const { statusCode = 0, headers, rawHeaders } = res
  return { status: statusCode, headers, rawHeaders, bytes, text, json: objectIn(text) }
}

const objectIn = (text: string): Json => {
  try {
    const value: unknown = JSON.parse(text)
    // An object that is not an array has members, and that is all `Json` says.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
  } catch {
    return {}
  }
}
