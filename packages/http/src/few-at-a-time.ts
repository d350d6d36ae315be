/**
 * Does each thing it is given soon, in their order, and at most `perTurnMax` of them in one turn of the event loop: who
 * asks for something meanwhile is served between two of those turns, and not behind all of them.
 */
export const fewAtATime = (perTurnMax: number): ((thing: () => void) => void) => {
  const waiting: (() => void)[] = []

  const turn = (): void => {
    for (const thing of waiting.splice(0, perTurnMax)) thing()
    if (waiting.length > 0) setImmediate(turn)
  }

  return (thing) => {
    if (waiting.push(thing) === 1) setImmediate(turn)
  }
}
