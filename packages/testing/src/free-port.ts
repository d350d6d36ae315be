import { randomInt } from 'node:crypto'
import { closeSync, openSync, statSync, unlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Below those that the kernel takes for outgoing connections: one of these would be gone before the test listens on it.
const firstPort = 20_000
const lastPort = 32_000
const triesMax = 200
/** Longer than any test waits before it listens. */
const claimMs = 600_000

/**
 * A port of the loopback address that nobody listens on, and that no other call, in any process, is given for ten
 * minutes: tests run side by side, and each asks for many.
 */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(firstPort, lastPort)
    if (claim(port) && (await isFree(port))) return port
  }
  throw new Error(`none of ${triesMax} ports was free`)
}

/** Makes a file that can be made once; an old one is left over from another run. */
const claim = (port: number): boolean => {
  const path = join(tmpdir(), `gatehouse-test-port-${port}`)
  try {
    if (Date.now() - statSync(path).mtimeMs > claimMs) unlinkSync(path)
  } catch {
    // There is none, which is the usual case.
  }
  try {
    closeSync(openSync(path, 'wx'))
    return true
  } catch {
    return false
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
