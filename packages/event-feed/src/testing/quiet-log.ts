import type { Log } from '@gatehouse/observe/log.ts'

/** A log for tests that writes nothing. */
export const quietLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
