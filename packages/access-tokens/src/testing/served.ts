import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { listening } from '@gatehouse/testing/listening.ts'

/** An auth-service for tests that answers as it is told, and remembers what it was asked. It ends with the test. */
export const served = async (
  context: TestContext,
  answer: (req: IncomingMessage, res: ServerResponse, count: number) => void,
) => {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url} ${req.headers.authorization ?? ''}`.trim())
    answer(req, res, asked.length)
  })
  const port = await listening(server)
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${port}`, asked }
}

/** Where nobody listens. */
export const nobody = 'http://127.0.0.1:1'
