import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueCertificate, type TestCertificate } from '@gatehouse/testing/certificate.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'
import type { Environment } from './replica.ts'

/** One process that speaks TLS to the public. */
export type Secure = OneProcess & {
  readonly port: number
  /** The certificate that it was started with. */
  readonly certificate: TestCertificate
  readonly certFile: string
  readonly keyFile: string
}

/** Starts it with a certificate for `localhost`, in a folder of its own. */
export const startSecure = async (settings: Environment = {}): Promise<Secure> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'))
  const certificate = issueCertificate()
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  await Promise.all([writeFile(certFile, certificate.cert), writeFile(keyFile, certificate.key)])
  const world = await startOneProcess({ settings: { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, ...settings } })
  return {
    ...world,
    port: Number(new URL(world.gateway.origin).port),
    certificate,
    certFile,
    keyFile,
    stop: async () => {
      await world.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
