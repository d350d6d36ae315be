import { accountScenarios } from './account-scenarios.ts'
import { memory } from './memory-scenario.ts'
import { proxied } from './proxied.ts'
import { readsBesideLogins } from './reads-beside-logins.ts'
import type { Scenario } from './scenario.ts'
import { start } from './start-scenario.ts'

/** Everything that is measured, what matters most first. */
export const allScenarios = (): readonly Scenario[] => [
  ...accountScenarios(),
  readsBesideLogins,
  proxied,
  start,
  memory,
]
