/** Reads the rows of these keys, of which none is named twice, in one statement. */
type ReadRows<Row> = (keys: readonly string[]) => Promise<readonly Row[]>

type Parts<Row> = {
  readonly readRows: ReadRows<Row>
  readonly keyOf: (row: Row) => string
  /** Keys in one statement; more go in several. */
  readonly keysMax: number
}

/**
 * Reads a row by its key, together with all others that are asked for in the same turn of the event loop: most of what
 * a point read costs, here and in the server, is its statement and not its row (docs/decisions/0012-cost-of-a-read.md).
 *
 * Nothing is read before it is asked for: a statement that has left is never joined, not even for the same key. So
 * whoever asks after a write was acknowledged, by whatever replica, is told of it.
 */
export const gatheredReads = <Row>(parts: Parts<Row>): ((key: string) => Promise<Row | undefined>) => {
  let waiting: Map<string, Gathered<Row>> | undefined
  return (key) => {
    if (waiting === undefined || waiting.size >= parts.keysMax) {
      const gathered = new Map<string, Gathered<Row>>()
      waiting = gathered
      setImmediate(() => {
        // Before the statement leaves: from now on nobody joins.
        if (waiting === gathered) waiting = undefined
        void answer(gathered, parts)
      })
    }
    let read = waiting.get(key)
    if (read === undefined) {
      read = Promise.withResolvers()
      waiting.set(key, read)
    }
    return read.promise
  }
}

type Gathered<Row> = PromiseWithResolvers<Row | undefined>

const answer = async <Row>(
  gathered: ReadonlyMap<string, Gathered<Row>>,
  { readRows, keyOf }: Parts<Row>,
): Promise<void> => {
  try {
    // What is found under another key was compared more loosely than keys are, and is somebody else's.
    for (const row of await readRows([...gathered.keys()])) gathered.get(keyOf(row))?.resolve(row)
    for (const { resolve } of gathered.values()) resolve(undefined)
  } catch (error) {
    for (const { reject } of gathered.values()) reject(error)
  }
}
