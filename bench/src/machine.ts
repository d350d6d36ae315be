import { spawnSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { findProgram } from '@gatehouse/testing/programs.ts'

/** The machine and the programs that figures were measured with, a line each. */
export const machine = (): readonly string[] => {
  const processors = cpus()
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  return [
    `Machine: ${processors.length} cores of ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}`,
    `Node ${process.version}`,
    ...versions.flatMap(({ programs, argument }) => {
      const path = findProgram(...programs)
      if (path === undefined) return []
      // nginx says it on the other stream.
      const { stdout, stderr } = spawnSync(path, [argument], { encoding: 'utf8' })
      return [
        `${stdout}${stderr}`
          .split('\n')[0]
          ?.replace(path, programs[0] ?? path)
          .trim() ?? '',
      ]
    }),
  ]
}

const versions = [
  { programs: ['mariadbd', 'mysqld'], argument: '--version' },
  { programs: ['redis-server', 'valkey-server'], argument: '--version' },
  { programs: ['nginx'], argument: '-v' },
  { programs: ['wrk'], argument: '-v' },
] as const
