import { sweepOnce } from '@gatehouse/auth-service/stores/sweep.ts'
import { pause } from '@gatehouse/event-feed/backoff.ts'
import { limits } from './limits.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Removes what is over, in small steps with rests between them, so that nobody ever waits for it. Replicas may all do
 * it.
 */
export const startSweeper = (
  parts: Parameters<typeof sweepOnce>[0],
  { life, log }: Pick<Surroundings, 'life' | 'log'>,
): void => {
  const stopping = new AbortController()
  const { signal } = stopping

  const sweep = async (): Promise<void> => {
    for (let restMs: number = limits.sweepEveryMs; !signal.aborted;) {
      await pause(restMs, signal)
      if (signal.aborted) return
      try {
        restMs = (await sweepOnce(parts)) > 0 ? limits.sweepRestMs : limits.sweepEveryMs
      } catch (err) {
        log.warn({ err }, 'sweeping failed; it will be tried again')
        restMs = limits.sweepEveryMs
      }
    }
  }
  const swept = sweep()
  life.started('sweeper', async () => {
    stopping.abort()
    await swept
  })
}
