import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { feedHub, type FeedHub } from './feed-hub.ts'
import { feedLines } from './feed-lines.ts'
import { localSignal } from './local-signal.ts'
import { remoteFeed } from './remote-feed.ts'
import { ndjsonHead, realClock, served, text } from './testing/ndjson-server.ts'
import { quietLog } from './testing/quiet-log.ts'
import { simulatedLog } from './testing/simulated-log.ts'

const step = fc.constantFrom('write', 'write', 'write', 'late', 'commit', 'cut', 'hub', 'turn', 'turn')

test('through broken connections and restarts a remote follower has every event', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const log = simulatedLog(() => Date.now())
      const makeHub = (): FeedHub => {
        const hub = feedHub({
          events: log,
          signal: localSignal(),
          clock: realClock,
          log: quietLog,
          random: () => 0,
          pollMs: 1,
          pageRows: 3,
        })
        void hub.start()
        return hub
      }
      let hub = makeHub()
      const { url, server, close } = await served(undefined, (req, res) => {
        const after = new URL(req.url ?? '', 'http://x').searchParams.get('after')
        const lines = feedLines(hub, after === null ? 'in-force' : Number(after))
        res.writeHead(200, ndjsonHead)
        res.once('close', () => void lines.return?.())
        void (async () => {
          for await (const line of lines) res.write(text(line))
          res.end()
        })()
      })
      const feed = remoteFeed({ urls: [url], secret: 's'.repeat(40), clock: realClock, log: quietLog, random: () => 0 })
      const seen = new Set<number>()
      const wrong: string[] = []
      let resume = 0
      feed.follow('in-force', (line) => {
        const seq = line.event?.seq
        if (seq !== undefined && !seen.has(seq) && seq <= resume) wrong.push(`${seq} came after resume ${resume}`)
        if (seq !== undefined) seen.add(seq)
        resume = Math.max(resume, line.resume)
      })
      const open: ReturnType<typeof log.begin>[] = []
      try {
        for (const name of steps) {
          if (name === 'write') hub.committed([log.write()])
          else if (name === 'late') open.push(log.begin())
          else if (name === 'commit') open.pop()?.commit()
          else if (name === 'cut') server.closeAllConnections()
          else if (name === 'hub') {
            await hub.stop()
            hub = makeHub()
          } else await new Promise(setImmediate)
        }
        await waitFor(() => log.rows().every(({ seq }) => seen.has(seq)), { what: 'every event', timeoutMs: 5000 })
        deepEqual(wrong, [])
      } finally {
        await feed.close()
        await hub.stop()
        await close()
      }
    }),
    { numRuns: 60 },
  )
})
