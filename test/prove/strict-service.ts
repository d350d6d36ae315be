/**
 * The strict upstream in a process of its own: `node strict-service.ts`. Whoever measures how long an answer takes must
 * not be who gives it. Tells where it is, and at SIGTERM in JSON what it could not read.
 */
import { startStrictUpstream } from '../system/strict-upstream.ts'

const upstream = await startStrictUpstream()
process.stdout.write(`service: ${upstream.origin}\n`)
process.once('SIGTERM', () => {
  process.stdout.write(`faults: ${JSON.stringify(upstream.faults())}\n`)
  void upstream.stop()
})
