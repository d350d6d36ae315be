import type { BenchRequest } from '@gatehouse/bench/system.ts'

/** A request for each token: of a hundred 90 read a profile, 5 write one, 3 validate a token and 2 ask for the health. */
export const mixedRequests = (tokens: readonly string[]): readonly BenchRequest[] =>
  tokens.map((token, index) => {
    const headers = { Authorization: `Bearer ${token}` }
    // Both steps share no factor with a hundred or a thousand: kinds and lengths come evenly mixed.
    const kind = (index * 61) % 100
    if (kind < 90) return { method: 'GET', path: '/users/profile', headers }
    if (kind < 95) {
      const body = JSON.stringify({ bio: 'x'.repeat(1 + ((index * 617) % 1_000)) })
      const fields = { ...headers, 'Content-Type': 'application/json' }
      return { method: 'PUT', path: '/users/profile', headers: fields, body }
    }
    return kind < 98
      ? { method: 'POST', path: '/auth/validate', headers }
      : { method: 'GET', path: '/health', headers: {} }
  })
