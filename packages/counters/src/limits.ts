/** Every bound on what is kept or waited for in counting. */
export const limits = {
  /** Keys of one counter. Where more come within one window, newcomers share `sharedPlaces` between them. */
  counterKeysMax: 100_000,
  /** Keys of all rate limits of a process together, some 400 bytes each. Beyond them as above. */
  rateKeysMax: 100_000,
  /** For keys that come when all places are taken, for each counter and each rate limit. */
  sharedPlaces: 1_024,
  /** Places that are looked at for what is over whenever one is asked for: more than one, so sweeping outruns filling. */
  sweptAtOnce: 2,
  /** How long anybody waits for Redis before it is left, and counting goes on here. */
  redisPatienceMs: 100,
  /** The longest pause between two attempts to reach Redis again. */
  redisReconnectMsMax: 1_000,
  /** Of a limit, what each process lets through that counts for itself although there may be others. */
  aloneShare: 0.5,
  /** Parts of a window. A limit holds in any window; it is this much stricter at most: one part in so many. */
  windowParts: 10,
  /** Permits that are taken from Redis in one piece beyond those that somebody waits for. */
  leaseMax: 1_024,
  /** What is left in Redis is divided by this: so many gateways can lease, and none is left with nothing. */
  leaseDivisor: 8,
  /** Answers of Redis that one request may wait for, in turn behind others. Then it is counted here. */
  leaseRoundsMax: 4,
} as const
