import { Agent, request, type Dispatcher } from 'undici'

/** An answer of auth-service, read to its end. */
export type AuthAnswer = { readonly status: number; readonly text: string }

/** Asks auth-service's replicas, one after the other, until one answers. */
export type AuthUrls = {
  /** Undefined when none gave an answer below 500 in time. Only for what may be asked twice. */
  readonly ask: (
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<AuthAnswer | undefined>
  readonly close: () => Promise<void>
}

type Parts = {
  /** Base addresses of the replicas. */
  readonly urls: readonly string[]
  /** For all of them together. */
  readonly timeoutMs: number
  readonly bodyBytesMax?: number
  readonly connectionsMax?: number
}

/**
 * Begins with the replica that answered last, and asks the only one twice: an idle connection may be closed just as it
 * is used.
 */
export const authUrls = ({ urls, timeoutMs, bodyBytesMax = 65_536, connectionsMax = 32 }: Parts): AuthUrls => {
  const agent = new Agent({ allowH2: false, connections: connectionsMax, connect: { timeout: timeoutMs } })
  // A replica that hangs must leave time to ask another.
  const shareMs = Math.ceil(timeoutMs / Math.min(urls.length, 3))
  let first = 0

  return {
    ask: async (method, path, headers) => {
      const deadline = AbortSignal.timeout(timeoutMs)
      for (let turn = 0; turn < Math.max(urls.length, 2) && !deadline.aborted; turn += 1) {
        const at = (first + turn) % urls.length
        const signal = AbortSignal.any([deadline, AbortSignal.timeout(shareMs)])
        try {
          const answer = await request(new URL(path, urls[at]), { dispatcher: agent, method, headers, signal })
          const text = await readText(answer.body, bodyBytesMax)
          if (answer.statusCode >= 500) continue
          first = at
          return { status: answer.statusCode, text }
        } catch {
          // Unreachable, too slow or too long: the next one may do better, and the caller is told when none does.
        }
      }
      return undefined
    },
    close: () => agent.destroy(),
  }
}

const readText = async (body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<string> => {
  const chunks: AsyncIterable<Buffer> = body
  const kept: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`an answer is longer than ${bytesMax} bytes`)
    kept.push(chunk)
  }
  return Buffer.concat(kept).toString()
}
