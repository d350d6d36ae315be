import type { AccountSystem, BenchRequest, Operation } from './system.ts'

/** Of 1,000 requests, as people come and go: most look, some change something, few log in. */
const perThousand: Readonly<Record<Operation, number>> = {
  'profile-read': 900,
  'profile-write': 42,
  validate: 40,
  login: 10,
  refresh: 4,
  register: 2,
  logout: 2,
}

/** So many requests of a day, evenly mixed; a profile is read where the system has no such operation. */
export const dayOf = async (system: AccountSystem, count: number, people: number): Promise<readonly BenchRequest[]> => {
  const placed: { readonly place: number; readonly request: BenchRequest }[] = []
  const reads = await system.prepare('profile-read', people)
  if ('absent' in reads) throw new Error(reads.absent)
  // The keys of the table are the operations.
  for (const [operation, share] of Object.entries(perThousand) as [Operation, number][]) {
    const wanted = Math.round((count * share) / 1_000)
    const isOnce = ['refresh', 'register', 'logout'].includes(operation)
    const prepared = await system.prepare(operation, isOnce ? wanted : people)
    const requests = 'absent' in prepared ? reads : prepared
    for (let index = 0; index < wanted; index += 1) {
      const request = requests[index % requests.length]
      if (request !== undefined) placed.push({ place: (index + 0.5) / wanted, request })
    }
  }
  return placed.toSorted((a, b) => a.place - b.place).map(({ request }) => request)
}
