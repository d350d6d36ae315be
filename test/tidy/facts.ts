import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusals } from '@gatehouse/contract/refusals.ts'
import { settingsTable } from '@gatehouse/platform/settings.ts'
import { contracts, pagesOf } from './pages.ts'
import type { Facts } from './rule.ts'

/** What the contract and the settings of this repository say. */
export const factsOf = (root: string): Facts => {
  // npm has read this file before us.
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  return {
    operations: Object.entries(contracts).flatMap(([service, operations]) =>
      Object.entries(operations).map(([name, { method, path }]) => ({ service, name, method, path })),
    ),
    refusalCodes: Object.keys(refusals),
    settings: Object.keys(settingsTable),
    pages: pagesOf(version),
  }
}
