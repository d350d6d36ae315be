import { borders } from './borders.ts'
import { comments } from './comments.ts'
import { contract } from './contract.ts'
import { dependencies } from './dependencies.ts'
import { documents } from './documents.ts'
import { files } from './files.ts'
import { language } from './language.ts'
import { libraries } from './libraries.ts'
import { privacy } from './privacy.ts'
import type { Rule } from './rule.ts'
import { settingsFiles } from './settings-files.ts'
import { tests } from './tests.ts'
import { topology } from './topology.ts'
import { world } from './world.ts'

/**
 * Every rule of the house that a machine can check. A new one is a row in one of these lists, with the tree that breaks
 * it.
 */
export const rules: readonly Rule[] = [
  // Who may know whom
  ...borders,
  ...dependencies,
  ...libraries,
  ...world,
  ...topology,
  // How it is written
  ...language,
  ...files,
  ...comments,
  ...tests,
  // What is promised
  ...contract,
  ...documents,
  ...settingsFiles,
  ...privacy,
]
