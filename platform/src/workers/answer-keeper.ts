import type { Surroundings } from '../surroundings.ts'
import type { Question, Word } from './question.ts'

/**
 * Lets the process that keeps this worker ask what others ask at the admin port, and ends this one when that is gone:
 * a worker without a keeper would hold the port against the next one. Returns how to say that this worker is ready.
 */
export const answerKeeper = ({ readiness, metrics }: Pick<Surroundings, 'readiness' | 'metrics'>): (() => void) => {
  const say = (word: Word): void => {
    if (process.connected) process.send?.(word)
  }
  const answers: Readonly<Record<Question['ask'], () => Promise<unknown>>> = {
    readiness: readiness.ask,
    metrics: metrics.text,
  }
  // Nobody but the keeper writes to this channel.
  process.on('message', ({ id, ask }: Question) => {
    answers[ask]().then(
      (answer) => say({ id, answer }),
      (error: unknown) => say({ id, answer: String(error) }),
    )
  })
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  return () => say({ isReady: true })
}
