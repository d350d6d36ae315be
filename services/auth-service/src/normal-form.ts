import type { Identity } from './ports.ts'

/**
 * The one form in which names and addresses are compared: NFC, without space around, one space for many within, case
 * folded. JavaScript has no case folding; up and down again comes to the same for what it is for (ß and ss, final and
 * medial sigma). Stored keys depend on it: a change is a migration.
 */
export const normalForm = (typed: string): string =>
  typed
    .normalize('NFC')
    .trim()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replaceAll(/\s+/g, ' ')
    .normalize('NFC')

/** What was typed, for showing, beside what it is compared by. */
export const identity = (typed: string): Identity => ({ shown: typed.normalize('NFC').trim(), key: normalForm(typed) })
