/** What a browser's page sends with a request to an API, and the token. */
export const usualHeaders = (token: string): Readonly<Record<string, string>> => ({
  Accept: 'application/json, text/plain, */*',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9',
  Authorization: `Bearer ${token}`,
  Referer: 'https://app.example.org/items',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
})
