import type { Auth } from '@gatehouse/contract/auth.ts'
import type { Ports } from './ports.ts'

/** Healthy means able to work: without its database this service can do nothing for anyone. */
export const getHealth =
  ({ pingDatabase }: Ports): Auth['health'] =>
  async () => {
    await pingDatabase()
    return { status: 'Auth service is healthy' }
  }
