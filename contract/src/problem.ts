import { refusals, type MemberError, type Refusal } from './refusals.ts'

/** The media type of every error (RFC 9457). */
export const problemType = 'application/problem+json'

/**
 * The body of every error. `message` is a service's word, `error` the gateway's: clients of the reference system read
 * those.
 */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly errors?: readonly MemberError[]
  readonly request_id: string
  readonly message?: string
  readonly error?: string
}

/** Who refuses: it decides the name under which the human sentence is repeated. */
export type Speaker = 'service' | 'gateway'

/** Turns a refusal into what goes over the wire: status, headers (lower case) and the serialised body. */
export const problemOf = (
  refusal: Refusal,
  { speaker, requestId }: { readonly speaker: Speaker; readonly requestId: string },
): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } => {
  const row: Row = refusals[refusal.code]
  const { detail, errors, headers } = refusal.particulars
  const retryAfterSeconds = refusal.particulars.retryAfterSeconds ?? row.retryAfterSeconds
  const problem: Problem = {
    type: `urn:gatehouse:problem:${refusal.code}`,
    title: row.title,
    status: row.status,
    code: refusal.code,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined ? {} : { errors }),
    request_id: requestId,
    [speaker === 'service' ? 'message' : 'error']: row.title,
  }
  return {
    status: row.status,
    headers: {
      'content-type': problemType,
      'cache-control': 'no-store',
      ...(row.challenge === undefined ? {} : { 'www-authenticate': challenge(row) }),
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
      ...(row.closes === true ? { connection: 'close' } : {}),
      ...headers,
    },
    body: JSON.stringify(problem),
  }
}

/** The table's rows, seen with all their optional columns. */
type Row = {
  readonly status: number
  readonly title: string
  readonly challenge?: string
  readonly retryAfterSeconds?: number
  readonly closes?: true
}

const challenge = ({ challenge, title }: Row): string =>
  challenge === 'bare'
    ? 'Bearer realm="gatehouse"'
    : `Bearer realm="gatehouse", error="${challenge}", error_description="${title}"`
