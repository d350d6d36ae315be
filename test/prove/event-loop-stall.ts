import type { Client } from '../system/client.ts'
import { metric } from './metric.ts'

/** The longest that the event loop of a process stood still since it was last asked, in milliseconds. */
export const eventLoopStall = async (admin: Client): Promise<number> =>
  (await metric(admin, 'nodejs_eventloop_lag_max_seconds')) * 1_000
