import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** A certificate for tests, and the key that belongs to it. */
export type TestCertificate = {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8. */
  readonly key: string
}

type Wanted = {
  /** DNS names it is good for; the first is its common name as well. */
  readonly names?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

const dayMs = 86_400_000

/**
 * Issues a certificate that signs itself (X.509 v3, P-256), for `localhost` and a day around now unless told. Node can
 * read certificates and cannot make them, and no test may depend on an `openssl` on the machine: this is RFC 5280's
 * shape written down, with `node:crypto` doing the signing.
 */
export const issueCertificate = ({
  names = ['localhost'],
  notBefore = new Date(Date.now() - dayMs),
  notAfter = new Date(Date.now() + dayMs),
}: Wanted = {}): TestCertificate => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cert = certificateOf({ names, notBefore, notAfter }, publicKey, privateKey)
  return { cert: pem('CERTIFICATE', cert), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

const certificateOf = (wanted: Required<Wanted>, publicKey: KeyObject, privateKey: KeyObject): Buffer => {
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8(wanted.names[0] ?? ''))))
  // A random number that is positive and not padded.
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(8)])
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    name,
    sequence(time(wanted.notBefore), time(wanted.notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(extension('2.5.29.17', sequence(...wanted.names.map((dns) => der(0x82, Buffer.from(dns))))))),
  )
  return sequence(toBeSigned, ecdsaWithSha256, bits(sign('sha256', toBeSigned, privateKey)))
}

/** Tag, length, content: all there is to DER (X.690, section 8.1). */
const der = (tag: number, ...contents: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts)
const integer = (bytes: Buffer): Buffer => der(0x02, bytes)
const bits = (bytes: Buffer): Buffer => der(0x03, Buffer.from([0]), bytes)
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))
const explicit = (tag: number, ...parts: readonly Buffer[]): Buffer => der(0xa0 + tag, ...parts)
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value))

/** GeneralizedTime; before 2050 RFC 5280 asks for UTCTime, and every reader takes both. */
const time = (date: Date): Buffer => der(0x18, Buffer.from(date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')))

const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = rest.flatMap((arc) => {
    const septets = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) septets.unshift((left & 0x7f) | 0x80)
    return septets
  })
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n').trim()}\n-----END ${label}-----\n`
