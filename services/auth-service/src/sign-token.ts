import { sign, type KeyObject } from 'node:crypto'

/** The key that signs, and its name. */
export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject }

/**
 * Signs claims as a JWT (RFC 7515, section 3.1) of access tokens: ES256, type `at+jwt` (RFC 9068).
 *
 * Not by jose, which asks WebCrypto, and that a thread: two changes of thread and as much again in words for 28 µs of
 * signing (docs/decisions/0013-cost-of-a-write.md).
 */
export const signToken = (
  claims: Readonly<Record<string, string | number>>,
  { kid, privateKey }: SigningKey,
): string => {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid })).toString('base64url')
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  // The key alone: with options around it node:crypto makes and catches an error to find out that it is no key.
  const signature = sign('sha256', Buffer.from(signed, 'latin1'), privateKey)
  return `${signed}.${joined(signature).toString('base64url')}`
}

/** OpenSSL writes the two numbers in DER (RFC 3279, section 2.2.3), JWS in 32 bytes each (RFC 7518, section 3.4). */
const joined = (der: Buffer): Buffer => {
  const bytes = Buffer.alloc(2 * numberBytes)
  // Behind the sequence's tag and length, which is one byte for numbers of this size: twice a tag, a length, a number.
  const second = put(der, 2, bytes, numberBytes)
  const end = put(der, second, bytes, 2 * numberBytes)
  if (der[0] !== sequenceTag || end !== der.length)
    throw new Error('a signature is not in the form that DER has for it')
  return bytes
}

/** Copies the number at `from` so that it ends at `end`; answers where the next one begins. */
const put = (der: Buffer, from: number, bytes: Buffer, end: number): number => {
  const length = der[from + 1] ?? 0
  const next = from + 2 + length
  // DER puts a zero before a number whose first bit is set, and leaves out the zeros that a small one begins with.
  const at = der[from + 2] === 0 ? from + 3 : from + 2
  if (der[from] !== integerTag || next - at > numberBytes) throw new Error('a signature has a number that is too long')
  der.copy(bytes, end - (next - at), at, next)
  return next
}

const numberBytes = 32
const sequenceTag = 0x30
const integerTag = 0x02
