import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below those that the kernel takes for outgoing connections: one of these would be gone before the test listens on it.
const firstPort = 20_000
const lastPort = 32_000
const triesMax = 50

/** A port of the loopback address that nobody listened on a moment ago. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(firstPort, lastPort)
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${triesMax} ports was free`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
