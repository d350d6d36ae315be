import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Replica } from '../system/world.ts'

/** What one request came to: its status, or what broke. */
export type Outcome = { readonly status: number } | { readonly broke: string }

/** What a load balancer in front of some gateways does, and no more: it never sends a request twice. */
export type Balanced = {
  readonly send: (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ) => Promise<Outcome>
  /** Whether it has seen that all gateways are ready: whoever restarts them in turn waits for this. */
  readonly seesAllReady: () => boolean
  readonly close: () => void
}

/**
 * Gives requests in turn to the gateways whose `/readyz` says 200, asked every tenth of a second, over connections that
 * are kept. A gateway that takes no connection has been sent nothing: then the next one is asked.
 */
export const balanced = (gateways: readonly Replica[]): Balanced => {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const stopping = new AbortController()
  const ready = new Set(gateways)
  let turn = 0

  const watch = async (gateway: Replica): Promise<void> => {
    while (!stopping.signal.aborted) {
      const isReady = await gateway.admin.get('/readyz').then(
        ({ status }) => status === 200,
        () => false,
      )
      if (isReady) ready.add(gateway)
      else ready.delete(gateway)
      await delay(100)
    }
  }
  for (const gateway of gateways) void watch(gateway)

  /** All that are ready, the one whose turn it is first. */
  const candidates = (): readonly Replica[] => {
    const all = gateways.filter((gateway) => ready.has(gateway))
    turn += 1
    const first = turn % Math.max(1, all.length)
    return [...all.slice(first), ...all.slice(0, first)]
  }

  return {
    send: async (method, path, headers, body) => {
      for (const gateway of candidates()) {
        const outcome = await sendTo(agent, `${gateway.client.origin}${path}`, { method, headers, body })
        if (!('broke' in outcome) || !outcome.broke.includes('ECONNREFUSED')) return outcome
      }
      return { broke: 'no gateway takes connections' }
    },
    seesAllReady: () => ready.size === gateways.length,
    close: () => {
      stopping.abort()
      agent.destroy()
    },
  }
}

type Sent = {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const sendTo = (agent: Agent, url: string, { method, headers, body }: Sent): Promise<Outcome> =>
  new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
    const req = request(url, { method, agent, headers: { ...headers, ...length } }, (res) => {
      res.resume()
      res.on('end', () => resolve({ status: res.statusCode ?? 0 }))
      res.on('error', (error) => resolve({ broke: `in mid-answer: ${error.message}` }))
    })
    const used = (): string => (req.reusedSocket ? 'on a kept connection' : 'on a new connection')
    req.on('error', (error: NodeJS.ErrnoException) => resolve({ broke: `${error.code ?? error.message} ${used()}` }))
    req.end(body)
  })
