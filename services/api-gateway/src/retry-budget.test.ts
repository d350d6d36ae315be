import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryBudget, type RetryBudget } from './retry-budget.ts'

const spent = (budget: RetryBudget, asked: number): number => {
  let allowed = 0
  for (let at = 0; at < asked; at += 1) if (budget.spend()) allowed += 1
  return allowed
}

test('what is saved up may be spent at once, then a fifth of what was answered', () => {
  const budget = retryBudget({ retriesShare: 0.2, retriesSavedMax: 10 })
  assert.equal(spent(budget, 100), 10)
  for (let answered = 0; answered < 30; answered += 1) budget.earn()
  assert.ok(Math.abs(spent(budget, 100) - 6) <= 1)
})

test('no more is saved up than the limit', () => {
  const budget = retryBudget({ retriesShare: 0.2, retriesSavedMax: 10 })
  for (let answered = 0; answered < 10_000; answered += 1) budget.earn()
  assert.equal(spent(budget, 100), 10)
})
