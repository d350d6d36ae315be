import { findOrInstall } from '@gatehouse/testing/programs.ts'

/** The programs that a measurement needs, and the Debian packages they come in. */
const packages = { nginx: 'nginx-light', wrk: 'wrk' } as const

/** The path of a program, which is installed when that is possible. Throws, and says what to do, when it is not. */
export const programOf = (name: keyof typeof packages): string => {
  const found = findOrInstall([name], packages[name])
  if (found !== undefined) return found
  throw new Error(`${name} is needed to measure, and cannot be installed here: sudo apt-get install ${packages[name]}`)
}
