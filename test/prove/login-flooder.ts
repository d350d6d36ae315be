import { atRate } from '@gatehouse/bench/at-rate.ts'
import { percentile } from '@gatehouse/bench/percentile.ts'
/**
 * A flood of logins, from a process of its own: `node login-flooder.ts ORIGIN PER_SECOND SECONDS`. Nobody's accounts:
 * each costs as much as somebody's, and none waits for the one before it. Says in JSON what became of them.
 */
import { newPerson } from '../system/people.ts'
import { keptConnections } from './kept-connections.ts'
import { rounded } from './proof.ts'

const [origin = '', perSecond, seconds] = process.argv.slice(2)
const gateway = keptConnections(origin)
const logins = await atRate(Number(perSecond), Number(seconds), () => {
  const { email, password } = newPerson()
  return gateway.ask('POST', '/auth/login', { json: { email, password } })
})
gateway.close()

const hashed = logins.filter(({ answer }) => answer.status === 401)
// Turned away as it should be: by this code, and with a time to come back.
const refused = logins.filter(
  ({ answer: { status, json, headers } }) =>
    status === 503 && json['code'] === 'hashing-busy' && /^[1-9]\d*$/.test(headers['retry-after'] ?? ''),
)
/** What should not be there, by its first answer, for whoever reads the failure. */
const other = logins.find((login) => !hashed.includes(login) && !refused.includes(login))?.answer
const took = (some: typeof logins): number =>
  rounded(
    percentile(
      some.map(({ tookMs }) => tookMs),
      0.99,
    ),
  )
const story = {
  logins: logins.length,
  hashed: hashed.length,
  refused: refused.length,
  hashedP99Ms: took(hashed),
  refusedP99Ms: took(refused),
  ...(other === undefined ? {} : { other: `${other.status} ${JSON.stringify(other.json)}` }),
}
process.stdout.write(`flood: ${JSON.stringify(story)}\n`)
