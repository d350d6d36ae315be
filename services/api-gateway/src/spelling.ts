/**
 * The path as the laxest of services may read it: any escape undone, in lower case, without path parameters (`;v=1`),
 * nor the dots and spaces at the end of a name that Windows drops. Not for looking up, but to see whether what was
 * found is all that could be meant.
 */
export const laxly = (path: string): string =>
  path
    .replaceAll(escape, (_all, digits: string) => String.fromCharCode(parseInt(digits, 16)))
    .toLowerCase()
    .replaceAll(dropped, '')
    .replaceAll(/\/{2,}/g, '/')

/** Whether a service could read this path otherwise than it is written. */
export const isOdd = (path: string): boolean => odd.test(path)

const odd = /[A-Z%;]|\.(?:\/|$)/
const escape = /%([2-7][0-9A-Fa-f])/g
const dropped = /[ .]*(?:;[^/]*)?(?=\/|$)/g
