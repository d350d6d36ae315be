import type { Client } from '../system/client.ts'

/** What a process says that this metric without labels of its own is now, at its admin port. */
export const metric = async (admin: Client, name: string): Promise<number> => {
  const { text } = await admin.get('/metrics')
  const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text) ?? []
  if (value === undefined) throw new Error(`the process does not tell ${name}`)
  return Number(value)
}
