import { Agent, request } from 'node:http'

type Json = Readonly<Record<string, unknown>>

/** Asks over connections that are kept; fails unless the answer is 200. */
export type Ask = (
  origin: string,
  method: string,
  path: string,
  ask: { readonly bearer?: string; readonly body?: string },
) => Promise<Json>

/** Makes it, and what ends its connections. */
export const openAsk = (): { readonly ask: Ask; readonly close: () => void } => {
  const agent = new Agent({ keepAlive: true })
  return {
    close: () => agent.destroy(),
    ask: (origin, method, path, { bearer, body }) =>
      new Promise((resolve, reject) => {
        const headers = {
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': `${body.length}` }),
        }
        const req = request(`${origin}${path}`, { agent, method, headers }, (res) => {
          let text = ''
          res.setEncoding('utf8')
          res.on('data', (part: string) => {
            text += part
          })
          res.on('error', reject)
          res.on('end', () => {
            // What our own services answer is an object.
            if (res.statusCode === 200) resolve(JSON.parse(text) as Json)
            else reject(new Error(`${method} ${path} answered ${res.statusCode} ${text}`))
          })
        })
        req.on('error', reject)
        req.end(body)
      }),
  }
}
