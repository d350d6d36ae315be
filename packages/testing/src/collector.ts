import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { listening } from './listening.ts'

/** A collector of traces that keeps what it is sent. */
export type Collector = AsyncDisposable & {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string
  readonly spans: () => readonly CollectedSpan[]
  readonly requests: readonly CollectorRequest[]
}

/** A message to the collector. */
export type CollectorRequest = {
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly status: number
}

/** A span, as far as tests look at it. */
export type CollectedSpan = {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: Readonly<Record<string, string | number>>
  readonly status: { readonly code?: number }
}

/** Starts a collector on a free port. `answer` says with which status it answers its next message; 200 unless told. */
export const startCollector = async (answer: () => number | Promise<number> = () => 200): Promise<Collector> => {
  const spans: CollectedSpan[] = []
  const requests: CollectorRequest[] = []
  const server = createServer((req, res) => {
    void (async () => {
      // What our own exporter sends; a test fails on anything else.
      const message = (await json(req)) as Message
      const status = await answer()
      requests.push({ path: req.url ?? '', headers: req.headers, status })
      if (status === 200) spans.push(...spansIn(message))
      res.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })()
  })
  const port = await listening(server)
  return {
    url: `http://127.0.0.1:${port}`,
    spans: () => spans,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

type Attribute = {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string; readonly doubleValue?: number }
}
type Span = Omit<CollectedSpan, 'service' | 'attributes'> & { readonly attributes: readonly Attribute[] }
type Message = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
}

const spansIn = ({ resourceSpans }: Message): readonly CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        service: String(valuesOf(resource.attributes)['service.name']),
        attributes: valuesOf(span.attributes),
      })),
    ),
  )

const valuesOf = (attributes: readonly Attribute[]): Readonly<Record<string, string | number>> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? doubleValue ?? Number(intValue),
    ]),
  )
