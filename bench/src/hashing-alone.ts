import { randomBytes } from 'node:crypto'
import { passwordHasher } from '@gatehouse/passwords/password-hasher.ts'
import { limits } from '@gatehouse/platform/limits.ts'
import { median } from './figures.ts'
import { percentile } from './percentile.ts'
import type { Entrant, Round } from './turns.ts'

/** What no login can be quicker than: hashes with our own library and cost, on as many threads as the service uses. */
export const hashingAlone = (): Entrant => ({ name: 'argon2 alone (the limit)', round: hashFor })

const hashFor = async (seconds: number): Promise<Round> => {
  const threads = limits.hashesAtOnce
  const hasher = passwordHasher({ permits: threads, queueMax: 0, bytes: randomBytes })
  const password = randomBytes(12).toString('hex')
  const stored = await hasher.hash(password)
  const took: number[] = []
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const deadline = begun + seconds * 1_000
  const thread = async (): Promise<void> => {
    for (let last = performance.now(); last < deadline;) {
      await hasher.verify(stored, password)
      const now = performance.now()
      took.push(now - last)
      last = now
    }
  }
  await Promise.all(Array.from({ length: threads }, thread))
  const elapsedMs = performance.now() - begun
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    requests: took.length,
    requestsPerSecond: (took.length / elapsedMs) * 1_000,
    p50Ms: median(took),
    p99Ms: percentile(took, 0.99),
    p999Ms: percentile(took, 0.999),
    microseconds: { hashing: user + system },
    peakMegabytes: process.memoryUsage().rss / 2 ** 20,
  }
}
