import type { Asked } from '@gatehouse/http/listener.ts'
import { noNames, withConnectionNames } from './fields.ts'

/** How the end of a body is told. */
export type Framing = 'none' | 'length' | 'chunked'

/** What a request says of itself, not yet believed. */
export type Message = Said & {
  readonly method: string
  /** The request target as it came. */
  readonly target: string
}

/** What it says in the fields that decide how it is read, collected in one pass. */
export type Said = {
  readonly httpVersion: string
  /** How many fields there are. */
  readonly fields: number
  readonly hosts: readonly string[]
  readonly authorizations: number
  /** The last `Authorization` as it came; empty when there is none. */
  readonly authorization: string
  readonly contentLengths: number
  /** The last `Content-Length` as it came; empty when there is none. */
  readonly contentLength: string
  readonly transferEncodings: readonly string[]
  /** The names in all `Connection` fields, lower case. */
  readonly connection: ReadonlySet<string>
  readonly requestIds: readonly string[]
  /** As it came; empty when there is none, and in no valid form when there are several. */
  readonly traceparent: string
  /** All of them, with commas between. */
  readonly tracestate: string
  /** What `Expect` says; it has no meaning in HTTP/1.0 (RFC 9110, section 10.1.1). */
  readonly expectation: string | undefined
  readonly framing: Framing
}

/** Reads those fields. From `rawHeaders`, which keeps what is said twice: `req.headers` has dropped it already. */
export const saidIn = (req: Asked): Said => {
  const { rawHeaders } = req
  const hosts: string[] = []
  const transferEncodings: string[] = []
  let connection = noNames
  const requestIds: string[] = []
  let authorizations = 0
  let authorization = ''
  let contentLengths = 0
  let contentLength = ''
  let traceparent = ''
  let tracestate = ''
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (!lengths.has(name.length)) continue
    const value = rawHeaders[at + 1] ?? ''
    switch (name.toLowerCase()) {
      case 'host':
        hosts.push(value)
        break
      case 'connection':
        connection = withConnectionNames(value, connection)
        break
      case 'x-request-id':
        requestIds.push(value)
        break
      case 'authorization':
        authorizations += 1
        authorization = value
        break
      case 'content-length':
        contentLengths += 1
        contentLength = value
        break
      case 'traceparent':
        traceparent = traceparent === '' ? value : several
        break
      case 'tracestate':
        tracestate = tracestate === '' ? value : `${tracestate},${value}`
        break
      case 'transfer-encoding':
        transferEncodings.push(value)
        break
    }
  }
  return {
    httpVersion: req.httpVersion,
    fields: rawHeaders.length / 2,
    hosts,
    authorizations,
    authorization,
    contentLengths,
    contentLength,
    transferEncodings,
    connection,
    requestIds,
    traceparent,
    tracestate,
    expectation: expectationOf(req),
    framing: transferEncodings.length > 0 ? 'chunked' : contentLengths > 0 && contentLength !== '0' ? 'length' : 'none',
  }
}

/** Which of them was meant cannot be known. */
const several = 'several'

/** From `headers`, which Node has read for this very field already. */
const expectationOf = ({ httpVersion, headers }: Asked): string | undefined =>
  httpVersion === '1.0' ? undefined : headers.expect

/** Of the names looked for: most fields are passed over by this alone. */
const lengths = new Set(
  ['host', 'connection', 'x-request-id', 'authorization', 'content-length', 'transfer-encoding', 'traceparent'].map(
    ({ length }) => length,
  ),
)
