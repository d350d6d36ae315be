import { bad, refused, unsupported, wrongTexts, type BadBody } from './bad-body.ts'

/** What is no JSON object in UTF-8 of a decent size, whatever it was meant for. */
export const bodiesNotJson: readonly BadBody[] = [
  bad('malformed JSON', () => '{"bio":', 'malformed-json'),
  bad('two values', () => '{}{}', 'malformed-json'),
  bad(
    'bad UTF-8',
    ({ email }) => Buffer.concat([Buffer.from(`{"email":"${email}`), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    'malformed-json',
  ),
  bad('__proto__', (person) => JSON.stringify(person).replace('{', '{"__proto__":{"admin":true},'), 'malformed-json'),
  bad('compressed bytes', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'malformed-json'),
  bad('ten thousand brackets', () => '['.repeat(10_000), 'malformed-json'),
  bad('fault, unknown body shape: nothing', () => '', 'invalid-request'),
  bad('fault, unknown body shape: null', () => 'null', 'invalid-request'),
  bad('fault, unknown body shape: a number', () => '5', 'invalid-request'),
  bad('fault, unknown body shape: a string', () => '"bio"', 'invalid-request'),
  bad('fault, unknown body shape: true', () => 'true', 'invalid-request'),
  bad('fault, unknown body shape: an array', (person) => JSON.stringify([person]), 'invalid-request'),
  bad('an unknown member', (person) => JSON.stringify({ ...person, is_admin: true }), 'invalid-request', ['/is_admin']),
  unsupported(
    'a form',
    ['Content-Type', 'application/x-www-form-urlencoded'],
    ({ email, password }) => `email=${email}&password=${password}`,
  ),
  unsupported('text', ['Content-Type', 'text/plain'], (person) => JSON.stringify(person)),
  unsupported('another charset', ['Content-Type', 'application/json; charset=latin1'], (person) =>
    JSON.stringify(person),
  ),
  unsupported('no content type', [], (person) => JSON.stringify(person)),
  { ...bad('a body over the limit', () => `{"bio":"${'x'.repeat(300_000)}"}`, 'body-too-large'), status: 413 },
  {
    ...bad('a body over the limit that does not say so', () => `{"bio":"${'x'.repeat(300_000)}"}`, 'body-too-large'),
    headers: ['Content-Type', 'application/json', 'Transfer-Encoding', 'chunked'],
    status: 413,
  },
]

/** What an account cannot be opened with. */
export const registerFaults: readonly BadBody[] = [
  ...(['username', 'email', 'password'] as const).flatMap((member) => [
    refused(`no ${member}`, ({ [member]: _left, ...rest }) => rest, [`/${member}`]),
    ...wrongTexts.map(([what, value]) =>
      refused(`${what} for ${member}`, (person) => ({ ...person, [member]: value }), [`/${member}`]),
    ),
  ]),
  refused('nothing at all', () => ({}), ['/username', '/email', '/password']),
  refused('a username of 81 characters', (person) => ({ ...person, username: 'u'.repeat(81) }), ['/username']),
  refused('a username of spaces', (person) => ({ ...person, username: '   ' }), ['/username']),
  refused('a username with a line break', (person) => ({ ...person, username: 'a\nb' }), ['/username']),
  refused('a username with NUL', (person) => ({ ...person, username: 'a\0b' }), ['/username']),
  refused('a username that turns the text around', (person) => ({ ...person, username: 'a\u202Eb' }), ['/username']),
  refused('a username that is half a character', (person) => ({ ...person, username: 'a\uD800' }), ['/username']),
  refused('an e-mail of 121 characters', (person) => ({ ...person, email: person.email.padStart(121, 'x') }), [
    '/email',
  ]),
  refused('an e-mail without @', (person) => ({ ...person, email: 'someone.example.com' }), ['/email']),
  refused('an e-mail with two @', (person) => ({ ...person, email: 'a@b@example.com' }), ['/email']),
  refused('an e-mail with a space in it', (person) => ({ ...person, email: 'a b@example.com' }), ['/email']),
  refused('an e-mail with a header in it', (person) => ({ ...person, email: 'a@example.com\r\nBcc: b@example.com' }), [
    '/email',
  ]),
  refused('a password of five characters', (person) => ({ ...person, password: 'hush-' }), ['/password']),
  refused('a password of 1025 characters', (person) => ({ ...person, password: person.password.padEnd(1025, 'x') }), [
    '/password',
  ]),
  refused('a password that is half a character', (person) => ({ ...person, password: 'hush-hush-\uD800' }), [
    '/password',
  ]),
]

/** What is no login. */
export const loginFaults: readonly BadBody[] = [
  refused('no password', ({ email }) => ({ email }), ['/password']),
  refused('nobody', ({ password }) => ({ password }), ['/email']),
  ...(['email', 'password'] as const).flatMap((member) =>
    wrongTexts.map(([what, value]) =>
      refused(`${what} for ${member}`, ({ email, password }) => ({ email, password, [member]: value }), [`/${member}`]),
    ),
  ),
  refused('a condition of a query language', ({ password }) => ({ email: { $ne: null }, password }), ['/email']),
  refused('an over-long e-mail', ({ password }) => ({ email: 'x'.repeat(121), password }), ['/email']),
  refused('an over-long username', ({ password }) => ({ username: 'x'.repeat(81), password }), ['/username']),
  refused('an over-long password', ({ email }) => ({ email, password: 'hush-'.padEnd(1025, 'x') }), ['/password']),
]

/** What a profile cannot be. */
export const profileFaults: readonly BadBody[] = [
  refused('a number for bio', () => ({ bio: 5 }), ['/bio']),
  refused('null for bio', () => ({ bio: null }), ['/bio']),
  refused('an over-long bio', () => ({ bio: 'x'.repeat(10_001) }), ['/bio']),
  refused('a bio with NUL', () => ({ bio: 'a\0b' }), ['/bio']),
  refused('a bio that is half a character', () => ({ bio: '\uDC00' }), ['/bio']),
  refused('an object for avatar', () => ({ avatar: {} }), ['/avatar']),
  refused('an over-long avatar', () => ({ avatar: 'x'.repeat(2049) }), ['/avatar']),
  ...(['{}', [], null, 5, true] as const).map((preferences) =>
    refused(`${JSON.stringify(preferences)} for preferences`, () => ({ preferences }), ['/preferences']),
  ),
  refused('over-long preferences', () => ({ preferences: { text: 'p'.repeat(16_384) } }), ['/preferences']),
  refused('one bad member among good ones', () => ({ bio: 'good', avatar: 5, preferences: {} }), ['/avatar']),
  refused('two bad members, both named', () => ({ bio: 5, avatar: 5 }), ['/bio', '/avatar']),
  bad('a number that is too large', () => '{"preferences":{"n":1e999}}', 'invalid-request', ['/preferences']),
  bad(
    'preferences of two thousand levels',
    () => `{"preferences":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}`,
    'invalid-request',
    ['/preferences'],
  ),
]
