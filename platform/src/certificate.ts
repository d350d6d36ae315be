import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { KeyPair } from '@gatehouse/http/secure-server.ts'

/** A certificate as it is served: the chain, the key, and until when it is good. */
export type Certificate = {
  readonly pair: KeyPair
  /** As the certificate names itself, for people. */
  readonly names: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}

/** What is wrong with a certificate or its key, in a sentence that begins with the setting. */
export class CertificateFault extends Error {}

/** Reads a certificate and its key from their files. Throws a `CertificateFault` when TLS cannot be spoken with them. */
export const readCertificate = (certFile: string, keyFile: string): Certificate => {
  const cert = textIn('TLS_CERT_FILE', certFile)
  const key = textIn('TLS_KEY_FILE', keyFile)
  // The first one is ours; behind it stand those that vouch for it.
  const leaf = attempt(() => new X509Certificate(cert), `TLS_CERT_FILE names ${certFile}, which has no PEM certificate`)
  const secret = attempt(
    () => createPrivateKey(key),
    key.includes('ENCRYPTED')
      ? `TLS_KEY_FILE names ${keyFile}, which is encrypted: write the key without a passphrase`
      : `TLS_KEY_FILE names ${keyFile}, which has no PEM private key`,
  )
  if (!leaf.checkPrivateKey(secret)) {
    throw new CertificateFault(`TLS_KEY_FILE names ${keyFile}, which is not the key of the certificate in ${certFile}`)
  }
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CertificateFault(`TLS_CERT_FILE names ${certFile}, which TLS does not take: ${why}`)
  }
  return {
    pair: { cert, key },
    names: leaf.subjectAltName ?? leaf.subject,
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
  }
}

/** Why nobody would accept this certificate at this time, if so. */
export const whyNotNow = ({ notBefore, notAfter }: Certificate, now: number): string | undefined => {
  if (now > notAfter) return `the certificate expired at ${new Date(notAfter).toISOString()}`
  if (now < notBefore) return `the certificate is not good before ${new Date(notBefore).toISOString()}`
  return undefined
}

const textIn = (setting: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new CertificateFault(`${setting} names ${path}, which cannot be read (${code})`)
  }
}

const attempt = <Value>(read: () => Value, fault: string): Value => {
  try {
    return read()
  } catch {
    // What OpenSSL says is about its own insides, and may quote the key.
    throw new CertificateFault(fault)
  }
}
