import { parseArgs } from 'node:util'
import { compile } from './compile.ts'
import { help } from './help.ts'
import { KeysFault, manageKeys } from './keys.ts'
import { manageRoutes, RoutesUsage, type RouteOptions } from './manage-routes.ts'
import { migrateAll } from './migrate.ts'
import { serveWithWorkers } from './serve-with-workers.ts'
import { serve } from './serve.ts'
import { readSettings, SettingsFault } from './settings.ts'
import { targetNamed, targets } from './targets.ts'

/** What `./gatehouse` can be told to do. */
const commands = {
  serve: (target: string) => {
    const named = known(target)
    const settings = readSettings(process.env, named)
    if (settings.GATEWAY_WORKERS === 1 || named === 'auth-service' || named === 'user-service') {
      return serve(settings, named)
    }
    if (named === 'api-gateway') return serveWithWorkers(settings, workerCommand())
    // A second process of all would be a second writer of the SQLite files.
    throw new SettingsFault(['GATEWAY_WORKERS is more than 1, which only --target=api-gateway can have'])
  },
  // Started by `serve` alone: not in `help`.
  worker: () => serve(readSettings(process.env, 'api-gateway'), 'api-gateway', 'worker'),
  migrate: (target: string) => {
    const named = known(target)
    return migrateAll(readSettings(process.env, named), named)
  },
  keys: (_target: string, words: readonly string[]) => manageKeys(readSettings(process.env, 'all'), words),
  routes: (_target: string, words: readonly string[], options: RouteOptions) => manageRoutes(words, options),
  compile,
  help: async () => void process.stdout.write(help()),
} as const satisfies Readonly<
  Record<string, (target: string, words: readonly string[], options: RouteOptions) => Promise<void>>
>

/** The commands that take more words. */
const wordy: readonly string[] = ['keys', 'routes'] satisfies readonly (keyof typeof commands)[]

/** This program again, as a worker. */
const workerCommand = (): readonly [string, ...string[]] => [process.argv[1] ?? '', 'worker']

/** A command line that cannot be understood. */
class UsageFault extends Error {}

const known = (name: string) => {
  const target = targetNamed(name)
  if (target === undefined) throw new UsageFault(`--target is one of ${Object.keys(targets).join(', ')}, not ${name}`)
  return target
}

const run = async (args: readonly string[]): Promise<void> => {
  const { values, positionals } = readArguments(args)
  const [name = 'serve', ...more] = positionals
  if (values.help === true) return commands.help()
  if (more.length > 0 && !wordy.includes(name)) throw new UsageFault(`${more.join(' ')}: one command at a time`)
  if (!Object.hasOwn(commands, name)) throw new UsageFault(`there is no command ${name}`)
  if (name !== 'routes' && (values.header !== undefined || values.file !== undefined))
    throw new UsageFault('--header and --file belong to routes')
  // `hasOwn` is what makes it a key.
  await commands[name as keyof typeof commands](values.target ?? 'all', more, {
    headers: values.header ?? [],
    file: values.file,
  })
}

/** One key in sixty-four has an id that begins with a dash: an id and no option. */
const withKeyId = (args: readonly string[]): string[] => {
  const [name, action, id = '', ...more] = args
  return name === 'keys' && action === 'remove' && /^-[\w-]{20,}$/.test(id)
    ? [name, action, '--', id, ...more]
    : [...args]
}

const readArguments = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: withKeyId(args),
      allowPositionals: true,
      options: {
        target: { type: 'string' },
        header: { type: 'string', multiple: true },
        file: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageFault(error instanceof Error ? error.message : String(error))
  }
}

run(process.argv.slice(2)).catch((error: unknown) => {
  const isPlain =
    error instanceof SettingsFault ||
    error instanceof UsageFault ||
    error instanceof KeysFault ||
    error instanceof RoutesUsage
  const why = error instanceof Error ? error.message : String(error)
  process.stderr.write(`gatehouse: ${why}\n${isPlain || !(error instanceof Error) ? '' : `${error.stack ?? ''}\n`}`)
  if (error instanceof UsageFault) process.stderr.write(`\n${help()}`)
  process.exit(error instanceof UsageFault || error instanceof RoutesUsage ? 2 : 1)
})
