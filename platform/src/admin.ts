import type { RequestListener } from 'node:http'
import type { Readiness } from './readiness.ts'

type Parts = {
  readonly readiness: Readiness
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>
}

/**
 * What operators and their machines ask a process: is it alive, may it get requests, how is it doing. Never on a public
 * address.
 */
export const adminListener = ({ readiness, metrics }: Parts): RequestListener => {
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    '/livez': async () => ({ status: 200, type: 'application/json', body: '{"alive":true}' }),
    '/readyz': async () => {
      const answer = await readiness.ask()
      return { status: answer.ready ? 200 : 503, type: 'application/json', body: JSON.stringify(answer) }
    },
    '/metrics': async () => ({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await metrics() }),
  }
  return (req, res) => {
    const page = Object.hasOwn(pages, req.url ?? '') ? pages[req.url ?? ''] : undefined
    const answer =
      page?.() ??
      Promise.resolve({ status: 404, type: 'application/json', body: '{"pages":["/livez","/readyz","/metrics"]}' })
    answer
      .catch((error: unknown): Page => ({ status: 500, type: 'text/plain', body: String(error) }))
      .then(({ status, type, body }) => {
        res.writeHead(status, {
          'content-type': type,
          'content-length': Buffer.byteLength(body),
          'cache-control': 'no-store',
        })
        res.end(req.method === 'HEAD' ? undefined : body)
      })
      .catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined))
  }
}

type Page = { readonly status: number; readonly type: string; readonly body: string }
