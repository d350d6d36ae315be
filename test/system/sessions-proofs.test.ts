import { test } from 'node:test'
import { loginFlood } from '../prove/login-flood.ts'
import { loginTiming } from '../prove/login-timing.ts'
import { refreshRaces } from '../prove/refresh-races.ts'
import { refreshThroughKills } from '../prove/refresh-through-kills.ts'
import { wrongLogins } from '../prove/wrong-logins.ts'

test('many callers with one refresh token on two replicas go on with one successor', async (t) => {
  t.diagnostic(JSON.stringify(await refreshRaces.run(refreshRaces.small)))
})

test('nobody is logged out because auth-service is killed while they refresh', async (t) => {
  t.diagnostic(JSON.stringify(await refreshThroughKills.run(refreshThroughKills.small)))
})

test('many wrong logins at once on two replicas try few passwords, and the owner still logs in', async (t) => {
  t.diagnostic(JSON.stringify(await wrongLogins.run(wrongLogins.small)))
})

test('how long a refusal takes does not tell whether there is such an account', async (t) => {
  t.diagnostic(JSON.stringify(await loginTiming.run(loginTiming.small)))
})

test('a flood of logins is turned away, and reads go on', async (t) => {
  t.diagnostic(JSON.stringify(await loginFlood.run(loginFlood.small)))
})
