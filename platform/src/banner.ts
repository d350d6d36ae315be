/** What a person at a terminal sees once everything runs: the address, and lines to try. */
export const banner = ({
  host,
  port,
  isSecure,
}: {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
}): string => {
  const origin = `http${isSecure ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const post = `curl -X POST -H 'Content-Type: application/json'`
  return `
Gatehouse is ready at ${origin}

  curl ${origin}/health
  ${post} ${origin}/auth/register -d '${JSON.stringify(someone)}'
  ${post} ${origin}/auth/login -d '${JSON.stringify({ email: someone.email, password: someone.password })}'

Ctrl-C stops it. The README goes on from here.

`
}

const someone = { username: 'testuser', email: 'test@example.com', password: 'secret' } as const
