import { AppError } from "@stablehand/contract";
import type { BusinessId } from "@stablehand/core/ids";

/** Keeps each business within its requests a second. */
export interface RateLimiter {
  /** Counts one request; throws `rate_limited`, with the seconds to wait, when the business has none left. */
  spend(businessId: BusinessId): void;
}

interface Bucket {
  left: number;
  filledAt: number;
}

const bucketsMax = 10_000;

/**
 * Makes a token bucket for each business: a second's worth may come at once, and it fills steadily.
 *
 * Counts this process's requests only; `null` lets everything pass. `now` is in milliseconds, of any clock that only grows.
 */
export function createRateLimiter(perSecond: number | null, now: () => number = () => performance.now()): RateLimiter {
  if (perSecond === null) return { spend: () => {} };
  const buckets = new Map<BusinessId, Bucket>();

  function bucketOf(businessId: BusinessId): Bucket {
    const known = buckets.get(businessId);
    if (known) return known;
    if (buckets.size >= bucketsMax) buckets.clear(); // each then has a second's worth again, no more
    const bucket = { left: perSecond ?? 0, filledAt: now() };
    buckets.set(businessId, bucket);
    return bucket;
  }

  return {
    spend(businessId) {
      const bucket = bucketOf(businessId);
      const at = now();
      bucket.left = Math.min(perSecond, bucket.left + ((at - bucket.filledAt) / 1_000) * perSecond);
      bucket.filledAt = at;
      if (bucket.left < 1)
        throw new AppError("rate_limited", `More than ${perSecond} requests a second. Wait, then try again.`, {
          retryAfterSeconds: Math.max(1, Math.ceil((1 - bucket.left) / perSecond)),
        });
      bucket.left -= 1;
    },
  };
}
