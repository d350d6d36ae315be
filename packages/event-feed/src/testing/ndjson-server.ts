import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import type { Clock } from '@gatehouse/clock/clock.ts'
import { listening } from '@gatehouse/testing/listening.ts'

/** A server for tests that answers as it is told, and remembers what it was asked. It ends with the test. */
export const served = async (
  context: TestContext | undefined,
  answer: (req: IncomingMessage, res: ServerResponse, count: number) => void,
) => {
  const asked: string[] = []
  const secrets: (string | undefined)[] = []
  const server = createServer((req, res) => {
    asked.push(req.url ?? '')
    secrets.push(req.headers.authorization)
    answer(req, res, asked.length)
  })
  const port = await listening(server)
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  context?.after(close)
  return { url: `http://127.0.0.1:${port}`, asked, secrets, server, close }
}

/** The head of a stream of lines. */
export const ndjsonHead = { 'content-type': 'application/x-ndjson' }

/** Lines as they go over the wire. */
export const text = (...lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

/** The machine's own clock, for tests that wait for the network. */
export const realClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
