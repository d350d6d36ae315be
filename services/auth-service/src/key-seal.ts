import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'

/** Seals private keys for the database, so that a copy of it signs nothing. */
export type KeySeal = {
  /** `v1.<nonce>.<ciphertext and tag>`, base64url. Bound to `kid`: a sealed key put in another's row does not open. */
  readonly seal: (kid: string, plain: Buffer) => string
  /** Throws when it was sealed under another secret, for another key, or was changed. */
  readonly open: (kid: string, sealed: string) => Buffer
}

/** AES-256-GCM under a key derived from `JWT_SECRET_KEY` (HKDF-SHA-256, RFC 5869). */
export const keySeal = (secret: string, randomBytes: (length: number) => Buffer): KeySeal => {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'gatehouse signing keys v1', 32))
  return {
    seal: (kid, plain) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(kid))
      const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
      return `v1.${nonce.toString('base64url')}.${sealed.toString('base64url')}`
    },
    open: (kid, sealed) => {
      const [version, nonce = '', body = ''] = sealed.split('.')
      const bytes = Buffer.from(body, 'base64url')
      if (version !== 'v1' || bytes.length <= tagBytes) throw new Error('not a sealed key')
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'))
        .setAAD(Buffer.from(kid))
        .setAuthTag(bytes.subarray(-tagBytes))
      return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()])
    },
  }
}

const nonceBytes = 12
const tagBytes = 16
