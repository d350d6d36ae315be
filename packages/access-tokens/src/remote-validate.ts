import { refuse } from '@gatehouse/contract/refusals.ts'
import { authUrls } from './auth-urls.ts'

/** Asks auth-service elsewhere about single tokens, for the time when a node's own knowledge is too old. */
export type RemoteValidate = {
  /**
   * Returns when the token is good. Refuses as auth-service does, or with `verification-unavailable` when it cannot be
   * asked.
   */
  readonly ask: (token: string) => Promise<void>
  readonly close: () => Promise<void>
}

type Parts = {
  readonly urls: readonly string[]
  /** Callers wait for this: short, because while auth-service is away every one of them does. */
  readonly timeoutMs?: number
  /** Tokens asked about at once. */
  readonly waitingMax?: number
}

/** The question under way, and the one that follows it, shared by all who came too late for the first. */
type Questions = { readonly now: Promise<void>; next: Promise<void> | undefined }

const codes = ['token-missing', 'token-revoked', 'token-expired', 'token-invalid'] as const

/**
 * Many callers with one token cause at most two requests. Nobody is given the answer to a question that was asked
 * before he came: a logout may have been answered in between.
 */
export const remoteValidate = ({ urls, timeoutMs = 1000, waitingMax = 1000 }: Parts): RemoteValidate => {
  const auth = authUrls({ urls, timeoutMs })
  const underWay = new Map<string, Questions>()

  const post = async (token: string): Promise<void> => {
    const answer = await auth.ask('POST', '/auth/validate', {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
    })
    if (answer?.status === 200) return
    const code = answer?.status === 401 ? codeIn(answer.text) : undefined
    throw refuse(code ?? 'verification-unavailable')
  }
  const askNow = (token: string): Promise<void> => {
    const questions: Questions = { now: post(token), next: undefined }
    underWay.set(token, questions)
    // Before the ones who wait for it ask anew: it is registered first.
    const leave = (): void => {
      if (underWay.get(token) === questions) underWay.delete(token)
    }
    questions.now.then(leave, leave)
    return questions.now
  }

  return {
    ask: async (token) => {
      const questions = underWay.get(token)
      if (questions !== undefined) {
        const again = (): Promise<void> => askNow(token)
        return await (questions.next ??= questions.now.then(again, again))
      }
      if (underWay.size >= waitingMax) throw refuse('verification-unavailable')
      return await askNow(token)
    },
    close: auth.close,
  }
}

const codeIn = (text: string): (typeof codes)[number] | undefined => {
  try {
    const problem: unknown = JSON.parse(text)
    const code = typeof problem === 'object' && problem !== null && 'code' in problem ? problem.code : undefined
    return codes.find((known) => known === code)
  } catch {
    return undefined
  }
}
