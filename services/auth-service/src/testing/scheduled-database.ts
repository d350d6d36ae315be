import type { Scheduler } from 'fast-check'
import type { Database } from '@gatehouse/sql/database.ts'

/**
 * The same database, each single statement of which begins when the scheduler says so: callers that run at once
 * meet between any two of their statements, in every order, and in the same one when the seed is played again.
 */
export const scheduledDatabase = <Tables>(database: Database<Tables>, scheduler: Scheduler): Database<Tables> => ({
  ...database,
  query: scheduled(database.query, scheduler),
  unflushed: scheduled(database.unflushed, scheduler),
})

/** A query builder answers builders until it is executed: that is when it has to wait. */
const scheduled = <Builder extends object>(builder: Builder, scheduler: Scheduler): Builder =>
  new Proxy(builder, {
    get: (_target, name) => {
      const member: unknown = Reflect.get(builder, name)
      if (typeof member !== 'function') return member
      return (...args: readonly unknown[]): unknown => {
        const go = (): unknown => Reflect.apply(member, builder, args)
        if (!String(name).startsWith('execute')) {
          const next = go()
          return typeof next === 'object' && next !== null ? scheduled(next, scheduler) : next
        }
        return scheduler.schedule(Promise.resolve(), 'statement').then(go)
      }
    },
  })
