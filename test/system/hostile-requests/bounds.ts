import { get, head, passes, post, refused, type HostileRequest } from './hostile-request.ts'

const tooLarge = { answers: ['431 headers-too-large'] } as const

/** What is too much: answered as soon as it is, whatever else would have come. */
export const bounds: readonly HostileRequest[] = [
  refused(
    'a target over 8 KiB',
    'RFC 9110, 15.5.15',
    head(`GET /raw/${'x'.repeat(8_200)} HTTP/1.1`, 'Host: gate.test'),
    {
      answers: ['414 uri-too-long'],
    },
  ),
  refused('a request line over all bounds', 'RFC 9110, 15.5.15', `GET /raw/${'x'.repeat(20_000)}`, tooLarge),
  refused('a value over 16 KiB', 'RFC 6585, 5', get(`X-A: ${'x'.repeat(16_384)}`), tooLarge),
  refused('a name over 16 KiB', 'RFC 6585, 5', get(`X${'x'.repeat(16_384)}: 1`), tooLarge),
  refused(
    'fields that are 16 KiB together',
    'RFC 6585, 5',
    get(...Array<string>(40).fill(`X-A: ${'x'.repeat(500)}`)),
    tooLarge,
  ),
  refused('three hundred fields', 'RFC 6585, 5', get(...Array<string>(300).fill('X-A: 1')), tooLarge),
  refused(
    'a second Host behind more fields than Node tells of',
    'RFC 9112, 3.2',
    get(...Array<string>(1_100).fill('a:'), 'Host: evil.test'),
    tooLarge,
  ),
  refused(
    'two lengths behind more fields than Node tells of',
    'RFC 9112, 6.1',
    `${post(...Array<string>(1_100).fill('a:'), 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    tooLarge,
  ),
  passes(
    'a hundred fields',
    'RFC 9110, 5.4',
    get(...Array<string>(100).fill('X-A: 1')),
    `GET /raw/x HTTP/1.1\n${'X-A: 1\n'.repeat(100)}\n`,
  ),
  passes(
    'a value of 8 KiB',
    'RFC 9110, 5.4',
    get(`X-A: ${'x'.repeat(8_192)}`),
    `GET /raw/x HTTP/1.1\nX-A: ${'x'.repeat(8_192)}\n\n`,
  ),
]
