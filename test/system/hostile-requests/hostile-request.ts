/** A request that somebody sends to see what happens: a row of the table. */
export type HostileRequest = {
  readonly name: string
  /** Where RFC 9110, 9112 or 3986 says what is right. */
  readonly rule: string
  /** Each byte as the character of that number; several pieces are sent one after the other. */
  readonly bytes: string | readonly string[]
  /** What comes back, in order: the status, for a refusal its code too. Empty: the connection is closed without a word. */
  readonly answers: readonly string[]
  /** Whether the gateway closes the connection then; otherwise it must take another request. */
  readonly closes: boolean
  /** The client says with its last byte that there will be no more. */
  readonly halfCloses?: true
  /** What the service was sent: request line, the client's own fields, an empty line, body. Nothing at all by default. */
  readonly forwarded?: readonly string[]
  /**
   * The fault lies behind the head: the service may have seen the beginning of the request, but no whole one. By
   * default it has not seen a byte.
   */
  readonly begun?: true
}

/** The head of a request: these lines and an empty one. */
export const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`

/** The head of a GET that is well-formed except for what these fields break. */
export const get = (...fields: readonly string[]): string => head('GET /raw/x HTTP/1.1', 'Host: gate.test', ...fields)

/** The head of such a POST. */
export const post = (...fields: readonly string[]): string => head('POST /raw/x HTTP/1.1', 'Host: gate.test', ...fields)

type Rest = Partial<Pick<HostileRequest, 'closes' | 'halfCloses' | 'begun' | 'answers'>>

/** A row that is refused, as malformed unless told, and costs its connection. */
export const refused = (
  name: string,
  rule: string,
  bytes: HostileRequest['bytes'],
  rest: Rest = {},
): HostileRequest => ({
  name,
  rule,
  bytes,
  answers: ['400 malformed-request'],
  closes: true,
  ...rest,
})

/** A row that is legal, or made so by leaving something out: this is what the service is sent. */
export const passes = (
  name: string,
  rule: string,
  bytes: HostileRequest['bytes'],
  forwarded: string | readonly string[],
  rest: Rest = {},
): HostileRequest => ({
  name,
  rule,
  bytes,
  answers: [forwarded].flat().map(() => '200'),
  closes: false,
  forwarded: [forwarded].flat(),
  ...rest,
})
