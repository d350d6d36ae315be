/**
 * What many people cost that few do not: login, profile read, list of sessions and refresh by people picked at random,
 * on three processes with MariaDB and Redis, with few people and with many, in turns; and what every process holds.
 *
 *     ./gatehouse node bench/growth.ts [--few 1000] [--many 1000000] [--revocations 1000000] [--rounds 6]
 *                                      [--seconds 10] [--buffer-pool-mb 3000] [--only login]
 *
 * The many are seeded first, which takes minutes; `--revocations` are theirs alone. Exits with 1 when a p99 of the many
 * is more than 1.2 times that of the few.
 */
import { parseArgs } from 'node:util'
import { countOption } from './src/count-option.ts'
import { openAsk } from './src/growth/ask.ts'
import { startGrownHouse, type GrownHouse } from './src/growth/grown-house.ts'
import { measureGrowth } from './src/growth/measure-growth.ts'
import { operationsOf } from './src/growth/operations.ts'

const { values } = parseArgs({
  options: {
    few: { type: 'string', default: '1000' },
    many: { type: 'string', default: '1000000' },
    revocations: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '10' },
    'buffer-pool-mb': { type: 'string', default: '3000' },
    only: { type: 'string' },
  },
})
const p99RatioMax = 1.2
const warmUpSeconds = 3
const bufferPoolMb = countOption('buffer-pool-mb', values['buffer-pool-mb'])
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const rounded = (value: number): string => value.toFixed(2)

const started = (house: GrownHouse): void => {
  print(`${house.users} people, seeded in ${house.seedSeconds} s; ready after ${JSON.stringify(house.readyMs)} ms`)
}
const held = ({ users, residentMb }: GrownHouse): void => print(`${users} people: ${JSON.stringify(residentMb())} MB`)

const { ask, close } = openAsk()
const operations = operationsOf(ask).filter(({ name }) => values.only === undefined || name === values.only)
if (operations.length === 0) throw new Error(`no operation is called ${values.only}`)
await using ending = new AsyncDisposableStack()
ending.defer(async () => close())
const start = async (users: string, revocations: number): Promise<GrownHouse> => {
  const house = await startGrownHouse({
    users: countOption('users', users),
    sessionsEach: 3,
    revocations,
    bufferPoolMb,
  })
  ending.defer(house.stop)
  started(house)
  return house
}
const many = await start(values.many, countOption('revocations', values.revocations))
const few = await start(values.few, 0)
for (const house of [few, many]) held(house)
const grown = await measureGrowth({
  few,
  many,
  operations,
  rounds: countOption('rounds', values.rounds),
  secondsPerTurn: countOption('seconds', values.seconds),
  warmUpSeconds,
})
print('\n| operation | requests each | p50 few, many (ms) | ratio | p99 few, many (ms) | ratio |')
print('|---|---|---|---|---|---|')
for (const { operation, few, many, p50Ratio, p99Ratio } of grown) {
  const p50 = `${rounded(few.p50Ms)}, ${rounded(many.p50Ms)} | ${rounded(p50Ratio)}`
  const p99 = `${rounded(few.p99Ms)}, ${rounded(many.p99Ms)} | ${rounded(p99Ratio)}`
  print(`| ${operation} | ${few.requests} | ${p50} | ${p99} |`)
}
print('')
for (const house of [few, many]) held(house)
const short = grown.filter(({ p99Ratio }) => !(p99Ratio <= p99RatioMax))
if (short.length > 0) {
  print(`\nMORE THAN ${p99RatioMax} times the p99 of the few: ${short.map(({ operation }) => operation).join(', ')}`)
  process.exitCode = 1
}
