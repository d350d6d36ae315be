import { Refusal, refuse, type RefusalCode } from '@gatehouse/contract/refusals.ts'

/**
 * Says what a failed request to an upstream means for the client: 503 when nothing of it was sent, so that it may
 * well be sent again; 504 when the answer took too long and 502 when it broke, for then it may have been executed.
 */
export const refusalOf = (error: Error, started: boolean): Error => {
  if (error instanceof Refusal) return error
  if (isOurFault(error)) return error
  if (!started) return refuse('service-unavailable', { cause: error })
  return refuse(timeouts[codeOf(error)] ?? 'upstream-failed', { cause: error })
}

/** Whether we asked undici for something it does not do: a fault of ours, which answers 500. */
export const isOurFault = (error: Error): boolean => ourFaults.has(codeOf(error))

/** Whether nobody took the connection, and said so at once: nothing was sent. */
export const isRefusedConnection = (error: Error): boolean => codeOf(error) === 'ECONNREFUSED'

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

const ourFaults = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED'])

const timeouts: Readonly<Record<string, RefusalCode>> = {
  UND_ERR_HEADERS_TIMEOUT: 'upstream-timeout',
  UND_ERR_BODY_TIMEOUT: 'upstream-timeout',
}
