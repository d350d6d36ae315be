import type { Contender } from './contender.ts'

/** One request, as it is sent again and again or once. */
export type BenchRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What people do with an account, and is measured. */
export type Operation = 'profile-read' | 'profile-write' | 'validate' | 'login' | 'refresh' | 'register' | 'logout'

/** A system with accounts: how each operation's requests look to it. */
export type AccountSystem = Contender & {
  /**
   * So many requests that will be answered 2xx: each good for one use where the operation uses something up (refresh,
   * register, logout); otherwise they may repeat. Or why it has no such operation.
   */
  readonly prepare: (
    operation: Operation,
    count: number,
  ) => Promise<readonly BenchRequest[] | { readonly absent: string }>
}
