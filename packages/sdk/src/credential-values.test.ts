import { credentialFieldNames, credentialFields, setCredentials } from "@stablehand/contract";
import { expect, test } from "vitest";
import { seededRandom } from "../../../tests/support/random.ts";
import { readCredentialValues } from "./credential-values.ts";

const pieces = [
  "a",
  "Z",
  "9",
  "%2C",
  "=",
  " ",
  "\n",
  "\t",
  '"',
  ",",
  ";",
  "\\",
  "é",
  "🍪",
  "\u0000",
  "\u007f",
  "\ud800",
  "\u00a0",
  "\u2028",
];

/** What the contract makes of a value: the stored text, or null when it refuses. */
function byContract(field: string, value: unknown): string | null {
  const checked = setCredentials.body.safeParse({ [field]: value });
  return checked.success ? ((checked.data as Record<string, string>)[field] ?? null) : null;
}

function bySdk(field: string, value: unknown): string | null {
  try {
    return readCredentialValues({ [field]: value })[0]?.[1] ?? null;
  } catch {
    return null;
  }
}

test("takes, refuses and trims exactly what the server does with values that it can read: 20,000 of them", () => {
  const random = seededRandom(7);
  const made = Array.from({ length: 20_000 }, () => {
    const length = random.integer(0, 5);
    return [random.pick(credentialFieldNames), Array.from({ length }, () => random.pick(pieces)).join("")] as const;
  });
  const edges = credentialFieldNames.flatMap((field) => [
    [field, `${credentialFields[field].cookie}=x`] as const,
    [field, "x".repeat(4_096)] as const,
    [field, "x".repeat(4_097)] as const,
    [field, "🍪".repeat(4_096)] as const,
    [field, "🍪".repeat(4_097)] as const,
    [field, 5] as const,
    [field, null] as const,
  ]);
  let refused = 0;
  for (const [field, value] of [...made, ...edges]) {
    const expected = byContract(field, value);
    if (expected === null) refused += 1;
    expect([field, value, bySdk(field, value)]).toEqual([field, value, expected]);
  }
  expect(refused).toBeGreaterThan(1_000);
  expect(refused).toBeLessThan(19_000);
});

test("a refusal names the field, never the value, nor what was given as a name", () => {
  const token = "CANARY-0123456789";
  for (const values of [{ twitterCt0: `${token};` }, { [token]: "x" }, { twitterCt0: `ct0=${token}` }])
    expect(() => readCredentialValues(values)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("CANARY") }),
    );
  expect(() => readCredentialValues({ twitterCt0: `${token};` })).toThrow("twitterCt0");
});

test("nothing at all is refused rather than sent", () => {
  expect(() => readCredentialValues({})).toThrow("no credential field is given");
  expect(() => readCredentialValues({ twitterCt0: undefined })).toThrow("no credential field is given");
});
