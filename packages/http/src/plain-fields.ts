/** The fields of a request that a service reads whatever it is asked, as Node's `headers` would have them. */
export type PlainFields = {
  requestId: string | undefined
  userAgent: string | undefined
  forwardedFor: string | undefined
  traceparent: string | undefined
}

/** Reads them in one pass: what is said twice is joined by a comma, and of `User-Agent` the first is kept. */
export const plainFields = (rawHeaders: readonly string[]): PlainFields => {
  const fields: PlainFields = {
    requestId: undefined,
    userAgent: undefined,
    forwardedFor: undefined,
    traceparent: undefined,
  }
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    // The length first: it rules out nearly every field without making a lower-case copy.
    if (!lengths.has(name.length)) continue
    const value = rawHeaders[at + 1] ?? ''
    switch (name.toLowerCase()) {
      case 'x-request-id':
        fields.requestId = joined(fields.requestId, value)
        break
      case 'user-agent':
        fields.userAgent ??= value
        break
      case 'x-forwarded-for':
        fields.forwardedFor = joined(fields.forwardedFor, value)
        break
      case 'traceparent':
        fields.traceparent = joined(fields.traceparent, value)
        break
    }
  }
  return fields
}

const lengths = new Set(['x-request-id', 'user-agent', 'x-forwarded-for', 'traceparent'].map(({ length }) => length))

const joined = (before: string | undefined, value: string): string =>
  before === undefined ? value : `${before}, ${value}`
