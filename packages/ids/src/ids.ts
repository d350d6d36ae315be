/** Makes identifiers and random bytes. Passed in everywhere, so that a test can foresee them. */
export type Ids = {
  /** A random UUID (RFC 9562, version 4): for what the outside sees, because it tells nothing. */
  readonly uuidv4: () => string
  /** A UUID that sorts by time (RFC 9562, version 7): for keys, because indexes like neighbours. */
  readonly uuidv7: () => string
  /** `length` bytes from the operating system's generator. */
  readonly bytes: (length: number) => Buffer
}
