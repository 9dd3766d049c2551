import type { AppError } from "@stablehand/contract";
import type { BusinessId } from "@stablehand/core/ids";
import { expect, test } from "vitest";
import { createRateLimiter } from "./rate-limiter.ts";

const acme = "acme" as BusinessId; // as authentication would give it
const other = "other" as BusinessId;

function limiter(perSecond: number | null) {
  let ms = 0;
  const { spend } = createRateLimiter(perSecond, () => ms);
  return {
    wait: (more: number) => {
      ms += more;
    },
    passes(business = acme): boolean {
      try {
        spend(business);
        return true;
      } catch (error) {
        expect((error as AppError).code).toBe("rate_limited");
        expect((error as AppError).retryAfterSeconds).toBeGreaterThanOrEqual(1);
        return false;
      }
    },
  };
}

test("a second's worth of requests passes at once, and no more", () => {
  const { passes } = limiter(3);
  expect(Array.from({ length: 5 }, () => passes())).toEqual([true, true, true, false, false]);
});

test("requests come back steadily, and never more than a second's worth", () => {
  const { passes, wait } = limiter(2);
  passes();
  passes();
  wait(499);
  expect(passes()).toBe(false);
  wait(1);
  expect(passes()).toBe(true);
  wait(3_600_000);
  expect(Array.from({ length: 3 }, () => passes())).toEqual([true, true, false]);
});

test("one business does not use up another's", () => {
  const { passes } = limiter(1);
  expect([passes(acme), passes(acme), passes(other)]).toEqual([true, false, true]);
});

test("without a limit everything passes", () => {
  const { passes } = limiter(null);
  expect(Array.from({ length: 1_000 }, () => passes()).every(Boolean)).toBe(true);
});

test("no more than 10,000 businesses are remembered", () => {
  const { passes } = limiter(1);
  expect([passes(), passes()]).toEqual([true, false]);
  for (let n = 0; n < 10_000; n++) passes(`business-${n}` as BusinessId);
  expect(passes()).toBe(true); // begun anew
});
