/** Whether to do it twice makes no difference (RFC 9110, section 9.2.2). */
export const isIdempotent = (method: string): boolean => idempotent.has(method)

/** Whether a body has no meaning there, so that nobody wants to be told that there is none (9.3.1 to 9.3.7). */
export const isBodiless = (method: string): boolean => bodiless.has(method)

/** Whether a body is expected there, so that its absence is told too (RFC 9110, section 8.6). */
export const expectsBody = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH'

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

const bodiless = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE'])
