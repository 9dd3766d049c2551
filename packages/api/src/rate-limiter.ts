import { AppError } from "@stablehand/contract";

/** Keeps each caller within its requests a second; a caller is a business, or an address. */
export interface RateLimiter {
  /** Counts one request; throws `rate_limited`, with the seconds to wait, when the caller has none left. */
  spend(caller: string): void;
  /** Makes a request that was counted uncounted. */
  giveBack(caller: string): void;
}

interface Bucket {
  left: number;
  filledAt: number;
}

const bucketsMax = 10_000;

/**
 * Makes a token bucket for each caller: a second's worth may come at once, and it fills steadily.
 *
 * Counts this process's requests only; `null` lets everything pass. `now` is in milliseconds, of any clock that only grows.
 */
export function createRateLimiter(perSecond: number | null, now: () => number = () => performance.now()): RateLimiter {
  if (perSecond === null) return { spend: () => {}, giveBack: () => {} };
  const buckets = new Map<string, Bucket>();

  function bucketOf(caller: string): Bucket {
    const known = buckets.get(caller);
    if (known) return known;
    if (buckets.size >= bucketsMax) buckets.clear(); // each then has a second's worth again, no more
    const bucket = { left: perSecond ?? 0, filledAt: now() };
    buckets.set(caller, bucket);
    return bucket;
  }

  return {
    spend(caller) {
      const bucket = bucketOf(caller);
      const at = now();
      bucket.left = Math.min(perSecond, bucket.left + ((at - bucket.filledAt) / 1_000) * perSecond);
      bucket.filledAt = at;
      if (bucket.left < 1)
        throw new AppError("rate_limited", `More than ${perSecond} requests a second. Wait, then try again.`, {
          retryAfterSeconds: Math.max(1, Math.ceil((1 - bucket.left) / perSecond)),
        });
      bucket.left -= 1;
    },
    giveBack(caller) {
      bucketOf(caller).left += 1;
    },
  };
}
