import type { KeyPair } from '@gatehouse/http/secure-server.ts'
import { CertificateFault, readCertificate, whyNotNow, type Certificate } from './certificate.ts'
import { followFile } from './follow-file.ts'
import { limits } from './limits.ts'
import { SettingsFault } from './settings.ts'
import type { Surroundings } from './surroundings.ts'
import { whyNotRead } from './why-not-read.ts'

/** The certificate of the public port. */
export type Tls = {
  readonly pair: KeyPair
  /** From now on, hands over each new certificate that is good. */
  readonly follow: (renew: (pair: KeyPair) => void) => void
}

/** Reads the certificate that the settings name, if any. One that cannot be used stops the start. */
export const startTls = ({ settings, life, log, metrics, clock }: Surroundings): Tls | undefined => {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = settings
  if (certFile === undefined || keyFile === undefined) return undefined
  let current = firstOf(certFile, keyFile)
  let isNewest = true
  const why = whyNotNow(current, clock.now())
  // Started all the same: some clients may still accept it, and without the gateway none is served at all.
  if (why !== undefined) log.error({ ...particulars(current) }, `clients will refuse us: ${why}`)
  else log.info({ ...particulars(current) }, 'certificate')
  metrics.gauge(
    'tls_certificate_expires_at_seconds',
    'When the certificate in use expires, in Unix time.',
    () => current.notAfter / 1000,
  )
  metrics.gauge('tls_certificate_reload_ok', 'Whether the newest certificate on disk is the one in use.', () =>
    isNewest ? 1 : 0,
  )

  let retry: NodeJS.Timeout | undefined
  const read = (renew: (pair: KeyPair) => void, whatElse: () => void = () => {}): void => {
    clearTimeout(retry)
    try {
      const whyNot = whyNotRead(certFile) ?? whyNotRead(keyFile)
      if (whyNot !== undefined) throw new CertificateFault(whyNot)
      const next = readCertificate(certFile, keyFile)
      isNewest = true
      if (next.pair.cert === current.pair.cert && next.pair.key === current.pair.key) return whatElse()
      const why = whyNotNow(next, clock.now())
      if (why !== undefined) throw new CertificateFault(why)
      renew(next.pair)
      current = next
      log.info(particulars(next), 'certificate renewed')
    } catch (err) {
      isNewest = false
      log.error({ err, ...particulars(current) }, 'the new certificate is not used: the one before stays in use')
      retry = setTimeout(read, limits.certificateRetryMs, renew).unref()
    }
  }

  return {
    pair: current.pair,
    follow: (renew) => {
      const stops = [certFile, keyFile].map((path) => followFile(path, () => read(renew)))
      const onHangup = (): void => read(renew, () => log.info(particulars(current), 'the certificate has not changed'))
      process.on('SIGHUP', onHangup)
      life.started('certificate', () => {
        clearTimeout(retry)
        for (const stop of stops) stop()
        process.off('SIGHUP', onHangup)
      })
    },
  }
}

const firstOf = (certFile: string, keyFile: string): Certificate => {
  try {
    return readCertificate(certFile, keyFile)
  } catch (error) {
    throw error instanceof CertificateFault ? new SettingsFault([error.message]) : error
  }
}

const particulars = ({ names, notAfter }: Certificate): object => ({
  names,
  expires_at: new Date(notAfter).toISOString(),
})
