/** A server that is measured: it listens on loopback, and all its work is done by these processes and their descendants. */
export type Contender = {
  /** `gatehouse, one process`, `reference`, …: as the tables show it. */
  readonly name: string
  readonly port: number
  /** Whose work counts, by the name they are shown under (`gateway`, `mariadb`, `redis`…): process ids. */
  readonly processes: Readonly<Record<string, number>>
  readonly stop: () => Promise<void>
}
