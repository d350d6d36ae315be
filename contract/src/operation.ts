import type { RefusalCode } from './refusals.ts'
import type { Static, TSchema } from './schema.ts'

/**
 * One operation of one service, as data. Routes, validation, serialisation, OpenAPI, the typed client and log redaction
 * are all read from rows of this type, so none of them can disagree with another.
 */
export type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As OpenAPI writes it: parameters stand in braces, `/auth/sessions/{session_id}`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** `bearer`: a living access token. `internal`: the secret that our own processes share. */
  readonly access: 'public' | 'bearer' | 'internal'
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  readonly answer: {
    readonly status: 200 | 201
    readonly description: string
    /** What may leave: a member that is not in here is taken off. */
    readonly body: TSchema
    /** `ndjson`: the answer is a stream of such bodies, one a line, and does not end by itself. */
    readonly stream?: 'ndjson'
  }
  /** What this operation itself may refuse; what every operation may refuse is in `commonRefusals`. */
  readonly refusals: readonly RefusalCode[]
}

/** The operations of a service, by name. */
export type Operations = Readonly<Record<string, Operation>>

/** Who speaks to us, as far as the connection tells. */
export type Client = {
  readonly requestId: string
  /** The caller's IP address; the forwarded one only when a trusted peer says so. */
  readonly address: string
  readonly userAgent: string | undefined
}

/** What a verified access token says. */
export type Bearer = {
  readonly userId: string
  readonly sessionId: string
  readonly tokenId: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

type Member<O, K extends string> = O extends { readonly [P in K]: infer S extends TSchema } ? Static<S> : unknown

/** Body, query and path parameters in one object: the schemas of one operation never name a member twice. */
export type Input<O extends Operation> = Member<O, 'body'> & Member<O, 'query'> & Member<O, 'params'>

/** Who calls an operation: anyone, or the holder of a token. */
export type Caller<O extends Operation> = O['access'] extends 'bearer' ? Client & Bearer : Client

/** What a handler answers: the body, or the lines of a stream. */
export type Answer<O extends Operation> = O['answer'] extends { readonly stream: 'ndjson' }
  ? AsyncIterable<Static<O['answer']['body']>>
  : Static<O['answer']['body']>

/** Does one operation: answers by returning, refuses by throwing. */
export type Handler<O extends Operation> = (input: Input<O>, caller: Caller<O>) => Promise<Answer<O>>

/** One handler for each operation: leave one out and the service does not compile. */
export type Handlers<Ops extends Operations> = { readonly [Name in keyof Ops]: Handler<Ops[Name]> }
