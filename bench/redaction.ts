import { credentialFieldNames } from "../packages/contract/src/platforms.ts";
import { createRedactor, type Secret } from "../packages/worker/src/redact/redactor.ts";
import { seededRandom } from "../tests/support/random.ts";
import type { BenchResult } from "./bench.ts";
import { savedPages } from "./pages/pages.ts";

const bytes = 1_000_000;
const msMax = 20;
const furtherCookies = 20;

/** What removing an end-user's secrets from a document of 1 MB costs, beside Node's own search for each value as it is. */
export async function benchRedaction({ quick }: { quick: boolean }): Promise<BenchResult> {
  const rounds = quick ? 20 : 200;
  const secrets = someSecrets();
  const redactor = createRedactor(secrets);
  const values = secrets.map((secret) => Buffer.from(typeof secret === "string" ? secret : secret.value));
  const clean = document();
  const echo = encodeURIComponent(values[1]?.toString() ?? "");
  const texts = { "no secret": clean, "a secret in a link, 20 times": withEchoes(clean, echo) };

  const rows = Object.entries(texts).map(([what, text]) => {
    const ways = {
      floor: () => searchRaw(Buffer.from(text), values),
      redactor: () => redactor.text(text).length,
    };
    const times = { floor: [] as number[], redactor: [] as number[] };
    for (let round = -10; round < rounds; round++) {
      for (const way of ["floor", "redactor"] as const) {
        const startedAt = performance.now();
        ways[way]();
        if (round >= 0) times[way].push(performance.now() - startedAt);
      }
    }
    return {
      what,
      floor: quantile(times.floor, 0.5),
      p50: quantile(times.redactor, 0.5),
      p90: quantile(times.redactor, 0.9),
    };
  });
  return {
    title: `Redaction of an HTML document of 1 MB, ${secrets.length} secrets, ${rounds} interleaved rounds`,
    table: rows.map(({ what, floor, p50, p90 }) => ({
      "document with": what,
      "search of raw values p50 ms": floor.toFixed(1),
      "redaction p50 ms": p50.toFixed(1),
      "redaction p90 ms": p90.toFixed(1),
      "redaction : search": (p50 / floor).toFixed(2),
    })),
    bars: rows.map(({ what, p50 }) => ({
      bar: `p50 with ${what} ≤ ${msMax} ms`,
      measured: `${p50.toFixed(1)} ms`,
      met: p50 <= msMax,
    })),
    notes: [
      "The search is Buffer.indexOf of each raw value over the same text: no encoding, no case, nothing replaced.",
    ],
  };
}

/** The twelve, and what else a signed-in jar holds: identifiers, tokens, settings. */
function someSecrets(): Secret[] {
  const random = seededRandom(11);
  const lengths = [40, 160, 480, 32, 64, 71, 17, 17, 34, 48, 32, 11];
  const own = credentialFieldNames.map((field, at) => ({ field, value: random.token(lengths[at] ?? 32) }));
  const further = Array.from({ length: furtherCookies }, () => {
    const token = random.token(random.integer(16, 90));
    return random.chance(0.5) ? token : `v1%3A${token}==`;
  });
  return [...own, ...further];
}

function document(): string {
  const pages = savedPages.map((page) => page.html()).join("\n");
  const text = pages.repeat(Math.ceil(bytes / pages.length));
  return Buffer.from(text)
    .toString("utf8", 0, bytes)
    .replace(/\ufffd$/, "");
}

function withEchoes(text: string, echo: string): string {
  const every = Math.floor(text.length / 20);
  const parts = Array.from({ length: 20 }, (_, at) => text.slice(at * every, (at + 1) * every));
  return parts.join(`<a href="/x?token=${echo}">x</a>`);
}

function searchRaw(text: Buffer, values: readonly Buffer[]): number {
  return values.filter((value) => text.indexOf(value) >= 0).length;
}

function quantile(numbers: readonly number[], at: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * at)] ?? Number.NaN;
}
