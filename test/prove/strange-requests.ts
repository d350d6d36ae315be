import type { StrictRequest } from '../system/strict-request.ts'

/** What the service must never see, in words. `ids` are those of the requests before. */
export const strangeIn = ({ fields }: StrictRequest, ids: Set<string>): string | undefined => {
  const values = (wanted: string): readonly string[] =>
    fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  const [id = '', ...more] = values('x-request-id')
  if (id === '' || more.length > 0) return 'not one id'
  if (ids.has(id) && isOurs(id)) return 'an id twice'
  ids.add(id)
  const [address = '', ...others] = values('x-forwarded-for')
  if (others.length > 0 || !/^127\.0\.0\.\d+$/.test(address)) return 'another address than the peer’s'
  const said = fields.find(([name]) => identity.test(name))
  return said === undefined ? undefined : `identity: ${said.join(': ')}`
}

const isOurs = (id: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(id)

/** Of ours, in any spelling that some server takes for it; nobody was authenticated here. */
const identity = /^x[^a-z0-9](?:user|session)[^a-z0-9]id$/i
