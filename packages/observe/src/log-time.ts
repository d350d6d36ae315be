import type { Clock } from '@gatehouse/clock/clock.ts'

/** Makes the member `time` of a log line, with the comma before it. The date is written out once a second. */
export const logTime = ({ now }: Pick<Clock, 'now'>): (() => string) => {
  let second = -1
  let text = ''
  return () => {
    const at = now()
    const milliseconds = at % 1000
    if (at - milliseconds !== second) {
      second = at - milliseconds
      text = new Date(second).toISOString().slice(0, -'000Z'.length)
    }
    return `,"time":"${text}${milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : ''}${milliseconds}Z"`
  }
}
