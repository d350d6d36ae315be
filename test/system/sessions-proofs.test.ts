import { test } from 'node:test'
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
