import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { before, describe, test } from 'node:test'
import { accountScenarios } from '@gatehouse/bench/account-scenarios.ts'
import { figuresOf } from '@gatehouse/bench/figures.ts'
import { headline } from '@gatehouse/bench/headline.ts'
import { startHouse } from '@gatehouse/bench/house.ts'
import { oneProcess } from '@gatehouse/bench/one-process.ts'
import { sectionText } from '@gatehouse/bench/page.ts'
import { readsBesideLogins } from '@gatehouse/bench/reads-beside-logins.ts'
import { failuresOf, runBench, type Section, type Starter } from '@gatehouse/bench/run-bench.ts'
import type { Size } from '@gatehouse/bench/scenario.ts'
import { listening } from '@gatehouse/testing/listening.ts'

const size: Size = {
  rounds: 1,
  seconds: 1,
  warmUpSeconds: 1,
  onceMax: 12,
  dayMax: 100,
  starts: 1,
  memoryRequests: 100,
  memorySeconds: 1,
}

describe('a bench run', () => {
  const sections = new Map<string, Section>()
  before(async () => {
    const wanted = accountScenarios().filter(({ name }) => ['profile-read', 'refresh', 'day'].includes(name))
    const scenarios = [...wanted, readsBesideLogins]
    const starters = [
      { name: 'gatehouse, one process', start: () => startHouse(oneProcess) },
      { name: 'not here', start: () => Promise.reject(new Error('python3 cannot be installed')) },
      failing,
      withoutProfiles,
    ]
    for await (const section of runBench({ scenarios, starters, size, isWanted: () => true }))
      sections.set(section.scenario.name, section)
  })

  const rowOf = (scenario: string, name: string) => {
    const found = sections.get(scenario)?.found
    assert.ok(found !== undefined && 'rows' in found, JSON.stringify(found))
    const row = found.rows.find((each) => each.name === name)
    assert.ok(row, `${name} has a row in ${scenario}`)
    return row
  }

  for (const scenario of ['profile-read', 'refresh']) {
    test(`measures ${scenario}: every figure is a number that can be`, () => {
      const { rounds = [] } = rowOf(scenario, 'gatehouse, one process')
      assert.equal(rounds.length, size.rounds, JSON.stringify(rowOf(scenario, 'gatehouse, one process')))
      const { split, ...figures } = figuresOf(rounds)
      for (const [name, value] of Object.entries(figures)) assert.ok(value > 0 && value < Infinity, `${name}: ${value}`)
      assert.deepEqual(
        split.map(([name]) => name),
        ['gatehouse'],
      )
    })

    test(`says in ${scenario} why somebody is absent`, () => {
      assert.equal(rowOf(scenario, 'not here').absent, 'python3 cannot be installed')
    })
  }

  test('sends what is good for one answer once', () => {
    const [round] = rowOf('refresh', 'gatehouse, one process').rounds ?? []
    assert.equal(round?.requests, size.onceMax)
  })

  test('says what went wrong, and gives no figures', () => {
    const { failed, rounds } = rowOf('profile-read', 'failing')
    assert.match(failed ?? '', /answers of 400 or more/)
    assert.equal(rounds, undefined)
    assert.equal(rowOf('refresh', 'failing').absent, 'it has no refresh')
  })

  test('a system that keeps no profiles has no day, and that is no failure of it', () => {
    assert.equal(rowOf('day', 'without profiles').absent, 'it keeps no profiles')
  })

  test('tells who ran it what went wrong, and nothing of those who are absent', () => {
    const failures = [...sections.values()].flatMap(failuresOf)
    assert.deepEqual(
      failures.map((failure) => failure.replace(/ \d.*$/, '')),
      ['profile-read: failing:', 'day: failing:', 'reads-beside-logins: failing: a read:'],
    )
    const scenario = { name: 'memory', about: '', run: () => Promise.reject(new Error('not run')) }
    assert.deepEqual(failuresOf({ scenario, found: { failed: 'no wrk' } }), ['memory: no wrk'])
    const table = { head: [], rows: [], failures: ['reference: too slow'] }
    assert.deepEqual(failuresOf({ scenario, found: { table } }), ['memory: reference: too slow'])
  })

  test('times reads alone and beside logins', () => {
    const found = sections.get('reads-beside-logins')?.found
    assert.ok(found !== undefined && 'table' in found)
    const [ours, absent, failed, without] = found.table.rows
    assert.ok(ours?.slice(1).every((cell) => Number(cell) > 0))
    assert.deepEqual(
      [absent?.[1], failed?.[1], without?.[1]],
      ['absent: python3 cannot be installed', 'ERROR: a read: 500', 'absent: it keeps no profiles'],
    )
  })

  test('prints a line for each of them', () => {
    const section = sections.get('profile-read')
    assert.ok(section)
    const printed = sectionText(section)
    assert.match(printed, /^\| gatehouse, one process +\| +– \| +\d/m)
    assert.match(printed, /^\| not here: absent: python3 cannot be installed \|/m)
    assert.match(printed, /^\| failing: ERROR: \d+ answers of 400 or more/m)
    assert.match(headline([section]), /^\| profile read \| gatehouse, one process \|/m)
  })
})

const withoutProfiles: Starter = {
  name: 'without profiles',
  start: async () => ({
    name: 'without profiles',
    port: 0,
    processes: {},
    prepare: () => Promise.resolve({ absent: 'it keeps no profiles' }),
    stop: () => Promise.resolve(),
  }),
}

/** Answers well once, so that it is let in, and never again. */
const failing: Starter = {
  name: 'failing',
  start: async () => {
    let answered = 0
    const server = createServer((_req, res) => {
      res.writeHead((answered += 1) === 1 ? 200 : 500).end()
    })
    const port = await listening(server)
    return {
      name: 'failing',
      port,
      processes: { node: process.pid },
      prepare: (operation) =>
        Promise.resolve(
          operation === 'refresh' ? { absent: 'it has no refresh' } : [{ method: 'GET', path: '/users/profile' }],
        ),
      stop: async () => {
        server.closeAllConnections()
        server.close()
      },
    }
  },
}
