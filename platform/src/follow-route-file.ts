import type { RouteFile } from '@gatehouse/api-gateway/own-route.ts'
import { followFile } from './follow-file.ts'
import { readRouteFile } from './read-route-file.ts'
import type { Surroundings } from './surroundings.ts'
import { whyNotRead } from './why-not-read.ts'

/**
 * Reads the route file again when it has changed, or at SIGHUP, and puts it in force whole. One with faults changes
 * nothing: they are logged, all of them, and a metric says that what is in force is not what the file says.
 */
export const followRouteFile = (
  path: string,
  inForce: RouteFile,
  change: (file: RouteFile) => Promise<void>,
  { log, metrics, life }: Pick<Surroundings, 'log' | 'metrics' | 'life'>,
): void => {
  let present = inForce
  let isFaulty = false
  let stopped = false
  const outcomes = { changed: 0, unchanged: 0, refused: 0 }

  const read = async (): Promise<keyof typeof outcomes> => {
    const why = whyNotRead(path)
    const { file, faults } = why === undefined ? await readRouteFile(path) : { faults: [why] }
    isFaulty = faults !== undefined
    if (file === undefined) {
      log.error({ route_file: path, faults }, 'the route file has faults: the routes stay as they were')
      return 'refused'
    }
    if (JSON.stringify(file) === JSON.stringify(present)) return 'unchanged'
    const before = new Set(present.routes.map(({ prefix }) => prefix))
    const now = new Set(file.routes.map(({ prefix }) => prefix))
    if (stopped) return 'unchanged'
    await change(file)
    present = file
    const [added, removed] = [[...now.difference(before)], [...before.difference(now)]]
    log.info({ route_file: path, routes: now.size, added, removed }, 'the route file is in force as it is now')
    return 'changed'
  }

  // One after the other: of two readings that overtake each other, the older would win.
  let reading = Promise.resolve()
  const readAgain = (): void => {
    reading = reading.then(async () => {
      try {
        outcomes[await read()] += 1
      } catch (err) {
        outcomes.refused += 1
        isFaulty = true
        log.error({ route_file: path, err }, 'the route file could not be put in force: this is a bug')
      }
    })
  }

  const stopFollowing = followFile(path, readAgain)
  process.on('SIGHUP', readAgain)
  life.started('route file', () => {
    stopped = true
    stopFollowing()
    process.off('SIGHUP', readAgain)
    return reading
  })
  metrics.counters('route_file_readings_total', 'Times the route file was read again, by outcome.', 'outcome', () =>
    Object.entries(outcomes),
  )
  metrics.gauge('route_file_faulty', '1 while the route file has faults, and what is in force is older.', () =>
    isFaulty ? 1 : 0,
  )
}
