import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemOf } from '@gatehouse/contract/problem.ts'
import { Refusal, refuse, type MemberError } from '@gatehouse/contract/refusals.ts'

/**
 * Answers whatever was thrown: a refusal as itself, the framework's own complaints as ours, anything else as 500 and
 * nothing more.
 */
export const answerRefusal = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const refusal = refusalOf(error)
  told.set(reply, { code: refusal.code, err: refusal.particulars.cause })
  const { status, headers, body } = problemOf(refusal, { speaker: 'service', requestId: request.id })
  void reply
    .code(status)
    // Closed in two movements: see `linger`.
    .headers({ ...headers, 'x-request-id': request.id, ...(isReadWhole(request.raw) ? {} : { connection: 'close' }) })
    .serializer(String)
    .send(body)
}

// `complete` alone does not tell: Node sets it for a request without a body only after it has been handed to us.
const isReadWhole = ({ complete, headers }: IncomingMessage): boolean =>
  complete || (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0')

type Told = { readonly code?: string; readonly err?: unknown }

/** Why each reply was a refusal, until the log has heard of it. Weak: gone with the reply. */
const told = new WeakMap<FastifyReply, Told>()

answerRefusal.told = (reply: FastifyReply): Told => told.get(reply) ?? {}

/** The refusal that a failure is answered with; one that nobody chose is `internal-error`. */
export const refusalOf = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error
  // Fastify's errors are not typed where they arrive; every member is optional and looked at before use.
  const { code, statusCode, validation, validationContext } = error as Complaint
  if (validation !== undefined)
    return refuse('invalid-request', {
      errors: validation.slice(0, errorsMax).map((row) => memberError(row, validationContext)),
    })
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse('body-too-large')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('unsupported-media-type', { detail: 'Send the body as application/json.' })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
    case 'ECONNRESET':
      return refuse('malformed-request', { cause: error })
    default:
      // What the framework finds wrong with a request in other ways, such as a QUERY without a content type.
      return statusCode !== undefined && statusCode >= 400 && statusCode < 500
        ? refuse('malformed-request', { cause: error })
        : refuse('internal-error', { cause: error })
  }
}

/** What Fastify throws, as far as we read it. */
type Complaint = {
  readonly code?: string
  readonly statusCode?: number
  readonly validation?: readonly Fault[]
  readonly validationContext?: string
}

/** What Ajv says of one fault. */
type Fault = {
  readonly instancePath: string
  readonly keyword: string
  readonly message?: string
  readonly params: { readonly missingProperty?: string; readonly additionalProperty?: string }
}

const memberError = ({ instancePath, keyword, message, params }: Fault, context: string | undefined): MemberError => {
  const { missingProperty, additionalProperty } = params
  const named = missingProperty ?? additionalProperty
  const path =
    named === undefined ? instancePath : `${instancePath}/${named.replaceAll('~', '~0').replaceAll('/', '~1')}`
  return {
    path: context === 'querystring' ? path.replace('/', '?') : path,
    message: sentences[keyword] ?? message ?? 'is not valid',
  }
}

/** Ajv's words where they would puzzle a person. */
const sentences: Readonly<Record<string, string>> = {
  required: 'is required',
  additionalProperties: 'is not a known member',
  pattern: 'has characters or a form that is not allowed',
}

/** Faults told of one body: thirteen thousand unknown members need no thirteen thousand lines. */
const errorsMax = 20
