import { settingsTable } from './settings.ts'
import { targets } from './targets.ts'

/** What `./gatehouse help` prints. */
export const help = (): string => `Usage: ./gatehouse COMMAND [--target=${Object.keys(targets).join('|')}]

  serve     run the services of the target (all, unless told)
  migrate   bring the databases of the target up to date, and exit
  keys      list, rotate, or remove KID: the keys that sign access tokens
  routes    check [FILE]: all faults of a route file, or what it says; explain METHOD PATH [--header 'name: value']...
            [--file FILE]: what would become of a request, and why. The file is GATEWAY_ROUTES unless told
  compile   load everything once, so that no start has to compile: a part of ./gatehouse setup
  help      print this

Settings come from the environment:

${Object.entries(settingsTable)
  .map(([name, { meaning, otherwise }]) => `  ${name}${shown(otherwise)}\n      ${meaning}`)
  .join('\n')}
`

const shown = (otherwise: { readonly toString: () => string } | undefined): string =>
  otherwise === undefined ? '' : ` (${otherwise.toString()})`
