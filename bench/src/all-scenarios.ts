import { accountScenarios } from './account-scenarios.ts'
import { memory } from './memory-scenario.ts'
import { proxied } from './proxied.ts'
import type { Scenario } from './scenario.ts'
import { start } from './start-scenario.ts'

/** Everything that is measured, what matters most first. */
export const allScenarios = (): readonly Scenario[] => [...accountScenarios(), proxied, start, memory]
