import type { Users } from '@gatehouse/contract/users.ts'
import type { Ports } from './ports.ts'

/** Healthy means able to work: without its database this service can do nothing for anyone. */
export const getHealth =
  ({ pingDatabase }: Pick<Ports, 'pingDatabase'>): Users['health'] =>
  async () => {
    await pingDatabase()
    return { status: 'User service is healthy' }
  }
