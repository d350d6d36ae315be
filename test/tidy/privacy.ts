import { matches, type Rule } from './rule.ts'

const everywhere = (): boolean => true

// Written in pieces, here and below, so that this file does not break its own rules.
const jwtHead = ['ey', 'J'].join('')
const keyBlock = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')

/** What belongs to one machine, one company or one person stays out of the repository. */
export const privacy: readonly Rule[] = [
  {
    // The lock file is written without them, so that everyone installs from the registry that is set on their machine.
    name: 'no file names a package registry',
    find: matches({
      files: everywhere,
      view: 'text',
      pattern: /\bregistry\.[\w-]+\.[a-z]{2,}\b|\bartifactory\b|\bverdaccio\b|"resolved":\s*"http\S+/i,
      what: (match) => `names ${match}`,
    }),
    broken: {
      files: {
        'package-lock.json': ['"resolved"', ' "https://npm.example.org/a.tgz"'].join(':'),
        '.npmrc': ['registry=https://registry', 'example', 'org/'].join('.'),
        'a.md': 'npm config set registry URL',
      },
      places: ['.npmrc:1', 'package-lock.json:1'],
    },
  },
  {
    name: "no file names a path of somebody's machine",
    find: matches({
      files: everywhere,
      view: 'text',
      pattern: /(?<![\w.~:})-])\/(?:home|Users|root|work|workspace)\/[\w.-]+|\b[A-Z]:\\Users\b/,
      what: (match) => `names ${match}`,
    }),
    broken: {
      files: {
        'a.ts': `const a = '${['', 'home', 'ada', 'gatehouse'].join('/')}'`,
        'b.md': `See ${['', 'work', 'main'].join('/')}.\nhttps://example.org/home/ada\nGET /users/profile`,
      },
      places: ['a.ts:1', 'b.md:1'],
    },
  },
  {
    // Somebody always copies the sample. A test makes its secrets, a document leaves them out.
    name: 'no file holds a secret, not even one that looks like it',
    find: matches({
      files: everywhere,
      view: 'text',
      pattern: new RegExp(
        [
          '-----BEGIN [A-Z ]*PRIVATE KEY-----',
          `\\b${jwtHead}[\\w-]{16,}\\.${jwtHead}[\\w-]{16,}\\.[\\w-]{16,}`,
          '\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b',
          '\\bgh[pousr]_\\w{30,}',
          '(?:[=:]\\s*|[\'"`])[0-9a-f]{64}\\b',
        ].join('|'),
      ),
      what: (match) => `holds ${match.slice(0, 12)}…`,
    }),
    broken: {
      files: {
        'a.pem': keyBlock,
        'b.ts': `const key = '${'0123456789abcdef'.repeat(4)}'\nconst digest = \`\${'a'.repeat(64)}\``,
        'c.md': `"${jwtHead}${'a'.repeat(20)}.${jwtHead}${'b'.repeat(20)}.${'c'.repeat(20)}"\n"${jwtHead}…"`,
      },
      places: ['a.pem:1', 'b.ts:1', 'c.md:1'],
    },
  },
  {
    name: 'no settings, keys, databases or logs of a running system are tracked',
    find: ({ files }) =>
      files
        .filter(({ path }) =>
          /(?:^|\/)\.env$|\.(?:key|pem|db|db-wal|db-shm|sqlite|log)$|(?:^|\/)(?:data|coverage)\//.test(path),
        )
        .map(({ path }) => ({ path, line: 1, what: 'belongs to a running system' })),
    broken: {
      files: { '.env': '', '.env.example': '', 'data/auth.db': '', 'a/users.db-wal': '', 'a/log.ts': '' },
      places: ['.env:1', 'a/users.db-wal:1', 'data/auth.db:1'],
    },
  },
]
