import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Tells devices that have logged in to an account from those that have not. Stateless: the device keeps the proof. */
export type KnownDevices = {
  /** A proof for this account, good for a year. */
  readonly make: (publicId: string) => string
  /** The device's own name when the proof is one of ours, for this account, and not too old. */
  readonly read: (publicId: string, text: string) => string | undefined
}

type Parts = {
  readonly secret: string
  readonly randomBytes: (length: number) => Buffer
  readonly now: () => number
}

/**
 * Device tokens after OWASP's "device cookies": `ghd_`, the device's name and the day it was made, tagged under a key
 * derived from `JWT_SECRET_KEY` together with the account. It opens nothing: it only chooses the bucket in which wrong
 * passwords are counted.
 */
export const knownDevices = ({ secret, randomBytes, now }: Parts): KnownDevices => {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'gatehouse known devices v1', 32)))
  const tagOf = (publicId: string, body: Buffer): Buffer =>
    createHmac('sha256', key).update(publicId).update(body).digest().subarray(0, tagBytes)
  const today = (): number => Math.floor(now() / 86_400_000)
  return {
    make: (publicId) => {
      const day = Buffer.alloc(4)
      day.writeUInt32BE(today())
      const body = Buffer.concat([randomBytes(nameBytes), day])
      return `ghd_${Buffer.concat([body, tagOf(publicId, body)]).toString('base64url')}`
    },
    read: (publicId, text) => {
      if (!/^ghd_[\w-]{48}$/.test(text)) return undefined
      const bytes = Buffer.from(text.slice(4), 'base64url')
      const body = bytes.subarray(0, nameBytes + 4)
      if (!timingSafeEqual(bytes.subarray(body.length), tagOf(publicId, body))) return undefined
      if (today() - body.readUInt32BE(nameBytes) > daysMax) return undefined
      return body.subarray(0, nameBytes).toString('base64url')
    },
  }
}

const nameBytes = 16
const tagBytes = 16
const daysMax = 365
