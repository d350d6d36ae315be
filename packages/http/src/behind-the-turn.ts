/**
 * Gathers the things of one turn of the event loop and does them behind it, in their order; earlier when there are
 * many, for the first of them waits. Made for writes: each wakes up whoever reads it, often in our place on the
 * processor. In between everything else that cost a fifth of a request (docs/decisions/0008-cost-of-a-request.md).
 */
export const behindTheTurn = <Thing>(act: (thing: Thing) => void): ((thing: Thing) => void) => {
  let waiting: Thing[] = []
  let isComing = false

  const actOnAll = (): void => {
    const things = waiting
    // What is given meanwhile is for the next turn.
    waiting = []
    for (const thing of things) act(thing)
  }
  const come = (): void => {
    isComing = false
    actOnAll()
  }

  return (thing) => {
    if (waiting.push(thing) >= togetherMax) return actOnAll()
    if (isComing) return
    isComing = true
    setImmediate(come)
  }
}

/** Half a millisecond's worth of requests, read before the first is written. More brought nothing. */
const togetherMax = 32
