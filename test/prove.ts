/**
 * `make prove`: every proof at full size, or the one named, one after the other. Starts the one MariaDB and the one
 * Redis that they share, prints what was measured, and writes it to `docs/evidence/`.
 */
import { startMysql } from '@gatehouse/testing/mysql.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'
import { canaries } from './prove/canaries.ts'
import { footprint } from './prove/footprint.ts'
import { fuzz } from './prove/fuzz.ts'
import { gatewayCost } from './prove/gateway-cost.ts'
import { keyRotation } from './prove/key-rotation.ts'
import { loginFlood } from './prove/login-flood.ts'
import { loginTiming } from './prove/login-timing.ts'
import { writeEvidence, type Figures, type Proof } from './prove/proof.ts'
import { redisChaos } from './prove/redis-chaos.ts'
import { refreshRaces } from './prove/refresh-races.ts'
import { refreshThroughKills } from './prove/refresh-through-kills.ts'
import { revocation } from './prove/revocation.ts'
import { rollingRestart } from './prove/rolling-restart.ts'
import { slowClients } from './prove/slow-clients.ts'
import { upstreamKilled } from './prove/upstream-killed.ts'
import { wrongLogins } from './prove/wrong-logins.ts'

type FullSize = { readonly name: string; readonly prove: () => Promise<Figures> }

const atFullSize = <Size>({ name, full, run }: Proof<Size>): FullSize => ({
  name,
  prove: async () => {
    const figures = await run(full)
    await writeEvidence(name, full, figures)
    return figures
  },
})

/** Every proof there is. */
const proofs: readonly FullSize[] = [
  atFullSize(refreshRaces),
  atFullSize(refreshThroughKills),
  atFullSize(revocation),
  atFullSize(redisChaos),
  atFullSize(loginTiming),
  atFullSize(wrongLogins),
  atFullSize(loginFlood),
  atFullSize(keyRotation),
  atFullSize(fuzz),
  atFullSize(slowClients),
  atFullSize(gatewayCost),
  atFullSize(footprint),
  atFullSize(rollingRestart),
  atFullSize(upstreamKilled),
  atFullSize(canaries),
]

/** Runs one proof; whether it held. */
const holds = async ({ name, prove }: FullSize): Promise<boolean> => {
  const begun = performance.now()
  const seconds = (): number => Math.round((performance.now() - begun) / 1_000)
  process.stdout.write(`${name}: running\n`)
  try {
    const figures = await prove()
    process.stdout.write(`${name}: holds, after ${seconds()} s\n`)
    for (const [figure, value] of Object.entries(figures)) process.stdout.write(`  ${figure.padEnd(48)} ${value}\n`)
    return true
  } catch (error) {
    process.stdout.write(`${name}: DOES NOT HOLD, after ${seconds()} s\n`)
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    return false
  }
}

const [what, ...more] = process.argv.slice(2)
const chosen = proofs.filter(({ name }) => what === undefined || name === what)
if (chosen.length === 0 || more.length > 0) {
  process.stderr.write(`prove: one of ${proofs.map(({ name }) => name).join(', ')}, or nothing for all\n`)
  process.exit(2)
}
const [mysql, redis] = await Promise.all([startMysql(), startRedis()])
process.env['TEST_MYSQL_URL'] = mysql.url
process.env['TEST_REDIS_URL'] = redis.url
try {
  let failures = 0
  for (const each of chosen) failures += (await holds(each)) ? 0 : 1
  process.exitCode = failures === 0 ? 0 : 1
} finally {
  await Promise.all([mysql.stop(), redis.stop()])
}
