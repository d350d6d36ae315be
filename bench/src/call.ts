import type { BenchRequest } from './system.ts'

/** Sends one prepared request, once, and reads its answer. Throws when that is not 2xx. */
export const call = async (
  port: number,
  { method, path, headers, body }: BenchRequest,
): Promise<Readonly<Record<string, unknown>>> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    redirect: 'manual',
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status} ${text.slice(0, answerShownMax)}`)
  // All that is measured answers objects; what only looks at the status does not mind another thing.
  return answer.headers.get('content-type')?.includes('json') === true
    ? (JSON.parse(text) as Record<string, unknown>)
    : {}
}

/** Characters of an answer that was not expected. */
const answerShownMax = 300

/** Does it for each of them, so many at a time; the results are in their order. */
export const each = async <Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = []
  const waiting = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item, index)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}
