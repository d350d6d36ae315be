import type { Log } from '@gatehouse/observe/log.ts'

/** Something that was started and knows how to stop. */
export type Part = { readonly name: string; readonly stop: () => Promise<void> | void }

/** Starts parts in order, and stops them in the opposite one: what stands on something goes before it. */
export type Lifecycle = {
  /** Remembers a started part. */
  readonly started: (name: string, stop: Part['stop']) => void
  /** Stops everything, once; a part that fails to stop does not keep the others from it. */
  readonly stop: () => Promise<void>
}

/** Makes a lifecycle with nothing started yet. */
export const lifecycle = (log: Log): Lifecycle => {
  const parts: Part[] = []
  let stopping: Promise<void> | undefined

  const stopAll = async (): Promise<void> => {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part.stop()
      } catch (err) {
        log.error({ err, part: part.name }, 'a part did not stop well')
      }
    }
  }
  return {
    started: (name, stop) => void parts.push({ name, stop }),
    stop: () => (stopping ??= stopAll()),
  }
}
