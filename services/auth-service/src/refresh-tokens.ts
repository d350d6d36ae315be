import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto'

/** A refresh token, taken apart far enough to ask the database about it. */
export type RefreshToken = {
  readonly text: string
  readonly sessionId: string
  /** SHA-256, base64url: what the database holds in its place. */
  readonly hash: string
}

/** Makes refresh tokens and recognises them. */
export type RefreshTokens = {
  readonly make: (sessionId: string) => RefreshToken
  /**
   * Undefined for a string that we cannot have made: no database is asked about it, and no session ends because of it.
   */
  readonly read: (text: string) => RefreshToken | undefined
  /** Seals a successor so that only who holds its parent can open it: the database holds neither of them. */
  readonly sealSuccessor: (parent: RefreshToken, successor: RefreshToken) => string
  readonly openSuccessor: (parent: RefreshToken, sealed: string) => string
}

/**
 * `ghr_` and 64 bytes in base64url: the session's id, 256 random bits, and a tag (HMAC-SHA-256, 128 bits) under a key
 * derived from `JWT_SECRET_KEY`. The id lets any old token name its family; the tag keeps strangers who know an id from
 * ending it.
 */
export const refreshTokens = (secret: string, randomBytes: (length: number) => Buffer): RefreshTokens => {
  // A key as an object, here and below: of bytes node:crypto makes one each time, by way of an error that it catches.
  const tagKey = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'gatehouse refresh tokens v1', 32)))
  const tagOf = (body: Buffer): Buffer => createHmac('sha256', tagKey).update(body).digest().subarray(0, tagBytes)
  const token = (text: string, id: Buffer): RefreshToken => ({
    text,
    sessionId: uuidText(id),
    hash: hash('sha256', text, 'base64url'),
  })

  return {
    make: (sessionId) => {
      const id = Buffer.from(sessionId.replaceAll('-', ''), 'hex')
      const body = Buffer.concat([id, randomBytes(secretBytes)])
      return token(prefix + Buffer.concat([body, tagOf(body)]).toString('base64url'), id)
    },
    read: (text) => {
      if (!form.test(text)) return undefined
      const bytes = Buffer.from(text.slice(prefix.length), 'base64url')
      const body = bytes.subarray(0, idBytes + secretBytes)
      // The last letter carries four idle bits: only the spelling that we write is ours.
      if (bytes.toString('base64url') !== text.slice(prefix.length)) return undefined
      if (!timingSafeEqual(bytes.subarray(body.length), tagOf(body))) return undefined
      return token(text, body.subarray(0, idBytes))
    },
    sealSuccessor: (parent, successor) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealKey(parent), nonce)
      return Buffer.concat([nonce, cipher.update(successor.text), cipher.final(), cipher.getAuthTag()]).toString(
        'base64url',
      )
    },
    openSuccessor: (parent, sealed) => {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', sealKey(parent), bytes.subarray(0, nonceBytes))
      decipher.setAuthTag(bytes.subarray(-gcmTagBytes))
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -gcmTagBytes)), decipher.final()]).toString()
    },
  }
}

const prefix = 'ghr_'
const idBytes = 16
const secretBytes = 32
const tagBytes = 16
const nonceBytes = 12
const gcmTagBytes = 16
const form = /^ghr_[\w-]{86}$/

const sealKey = ({ text }: RefreshToken): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', text, '', 'gatehouse refresh successor v1', 32)))

const uuidText = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
