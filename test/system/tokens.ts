import type { Json } from './client.ts'

/** A JWT taken apart, nothing verified. */
export type Parts = {
  readonly header: Json
  readonly claims: Json
  /** What the signature is over. */
  readonly signed: string
  readonly signature: Buffer
}

/** Takes a JWT apart. */
export const partsOf = (token: string): Parts => {
  const [header = '', claims = '', signature = ''] = token.split('.')
  return {
    header: decoded(header),
    claims: decoded(claims),
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

/** Puts a header and claims together, unsigned. */
export const unsigned = (header: Json, claims: Json): string => `${encoded(header)}.${encoded(claims)}`

// Both halves of a JWT are JSON objects (RFC 7519, section 7.2).
const decoded = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json

const encoded = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url')
