import type { Client } from '../system/client.ts'

/**
 * The longest that the event loop of a process stood still since it was last asked, in milliseconds, by the metrics at
 * its admin port.
 */
export const eventLoopStall = async (admin: Client): Promise<number> => {
  const { text } = await admin.get('/metrics')
  const [, seconds] = /^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? (\S+)$/m.exec(text) ?? []
  if (seconds === undefined) throw new Error('the process does not tell how long its event loop stands still')
  return Number(seconds) * 1_000
}
