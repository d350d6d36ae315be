import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import type { Json } from '../system/client.ts'

/** An answer to somebody who asks often. */
export type KeptAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly json: Json }

/** What goes along: JSON, a token, and an address that a proxy would have told. */
export type KeptAsk = { readonly json?: unknown; readonly bearer?: string; readonly address?: string }

/** Speaks to one origin over connections that are used again: thousands of callers would run out of ports. */
export type KeptConnections = {
  readonly ask: (method: string, path: string, ask?: KeptAsk) => Promise<KeptAnswer>
  readonly close: () => void
}

/** Makes them for `http://host:port`. */
export const keptConnections = (origin: string): KeptConnections => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1_000 })
  const { hostname, port } = new URL(origin)
  return {
    ask: (method, path, { json, bearer, address } = {}) =>
      new Promise((resolve, reject) => {
        const body = json === undefined ? '' : JSON.stringify(json)
        const headers = {
          ...(json === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}` }),
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
          ...(address === undefined ? {} : { 'x-forwarded-for': address }),
        }
        const req = request({ agent, hostname, port, method, path, headers, timeout: timeoutMs }, (res) => {
          const chunks: Buffer[] = []
          res.on('data', (chunk: Buffer) => chunks.push(chunk))
          res.on('error', reject)
          res.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            resolve({ status: res.statusCode ?? 0, headers: res.headers, json: objectIn(text) })
          })
        })
        req.on('timeout', () => req.destroy(new Error(`no answer within ${timeoutMs} ms`)))
        req.on('error', reject)
        req.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** Longer than any answer that is still one. */
const timeoutMs = 20_000

const objectIn = (text: string): Json => {
  try {
    const value: unknown = JSON.parse(text)
    // An object that is not null has members, and that is all `Json` says.
    return typeof value === 'object' && value !== null ? (value as Json) : {}
  } catch {
    return {}
  }
}
