/** A server that is measured: it listens on loopback, and all its work is done by this process and its descendants. */
export type Contender = {
  readonly name: string
  readonly port: number
  readonly pid: number
  readonly stop: () => Promise<void>
}
