import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readings } from './setting-readings.ts'

/**
 * The secret of a single process that was given none: made at the first start and kept in `DATA_DIR`, for its owner's
 * eyes. Written whole or not at all, and never over another: whoever loses it loses the signing keys with it.
 */
export const generatedSecret = (dataDir: string, randomBytes: (length: number) => Buffer): string => {
  const path = join(dataDir, 'jwt-secret.key')
  return read(path) ?? make(dataDir, path, randomBytes)
}

const read = (path: string): string | undefined => {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    // Only a missing file is replaced: one that cannot be read is somebody's mistake, and holds a key that is needed.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return readings.secret(text)
  } catch (cause) {
    throw new Error(`${path} does not hold a secret any more: put back the one that was there`, { cause })
  }
}

const make = (dataDir: string, path: string, randomBytes: (length: number) => Buffer): string => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(draft, path)
  } catch (error) {
    // Another process was first: its secret is the one.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readings.secret(readFileSync(path, 'utf8').trim())
}
