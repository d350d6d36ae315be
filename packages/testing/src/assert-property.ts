import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc, { type IRawProperty, type RunDetails } from 'fast-check'

type Options = { readonly numRuns: number; readonly folder?: string }

/**
 * Asserts a property of fast-check. The seed of a failure is printed and kept in a file of this name under
 * `.fast-check-failures/`, and the next run plays it again before anything else: a rare failure cannot slip away.
 */
export const assertProperty = async <Ts>(
  name: string,
  property: IRawProperty<Ts>,
  { numRuns, folder = failuresFolder }: Options,
): Promise<void> => {
  const file = join(folder, `${name}.json`)
  const kept = await read(file)
  if (kept !== undefined) {
    await settle(await replay(property, { ...kept, numRuns }), file)
    await rm(file)
  }
  await settle(await fc.check(property, { numRuns }), file)
}

type Failure = { readonly seed: number; readonly path: string }

const failuresFolder = join(import.meta.dirname, '..', '..', '..', '.fast-check-failures')

const read = async (file: string): Promise<Failure | undefined> => {
  try {
    const { seed, path } = JSON.parse(await readFile(file, 'utf8')) as { readonly [name in keyof Failure]?: unknown }
    return typeof seed === 'number' && typeof path === 'string' ? { seed, path } : undefined
  } catch {
    // Not there, or half written: then there is nothing to play again.
    return undefined
  }
}

const replay = async <Ts>(
  property: IRawProperty<Ts>,
  failure: Failure & { readonly numRuns: number },
): Promise<RunDetails<Ts> | undefined> => {
  try {
    return await fc.check(property, { ...failure, endOnFailure: true })
  } catch {
    // The property has changed since: there is no such path any more.
    return undefined
  }
}

/** Keeps a failure and throws it, as fast-check reports it. */
const settle = async <Ts>(details: RunDetails<Ts> | undefined, file: string): Promise<void> => {
  if (details === undefined || !details.failed) return
  const { seed, counterexamplePath: path } = details
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, `${JSON.stringify({ seed, path })}\n`)
  const report = await fc.asyncDefaultReportMessage(details)
  throw new Error(`${report}\nKept in ${file}; the next run begins with it.`, { cause: details.errorInstance })
}
