import { credentialFieldNames, credentialFields, isCredentialValue } from "@stablehand/contract";
import { expect, test } from "vitest";
import { platformCookies, platformNames, platforms } from "../platforms.ts";
import { judgeValue, readPasted } from "./credential-shape.ts";

const { fields } = platformCookies.twitter;
const usual = "0123456789abcdef0123456789abcdef01234567";

test("the platforms and cookies are those of the contract, in its order", () => {
  expect(Object.keys(platformNames)).toEqual([
    ...new Set(Object.values(credentialFields).map(({ platform }) => platform)),
  ]);
  expect(platforms.flatMap((platform) => platformCookies[platform].fields)).toEqual(
    credentialFieldNames.map((field) => [field, credentialFields[field].cookie]),
  );
});

test("a value is a problem exactly when the server would refuse it, for every field", () => {
  const values = [
    usual,
    "a b",
    "a;b",
    'a"b',
    "a\\b",
    "a,b",
    "a\u0007b",
    "a%3Ab",
    "x".repeat(4_096),
    "x".repeat(4_097),
    "ä",
  ];
  for (const field of credentialFieldNames)
    for (const value of [...values, `${credentialFields[field].cookie}=${usual}`])
      expect([field, value, judgeValue(field, value).problem === null]).toEqual([
        field,
        value,
        isCredentialValue(field, value),
      ]);
});

test("white space around a value is no problem, and an empty box is none yet", () => {
  expect(judgeValue("twitterAuthToken", ` ${usual}\n`)).toEqual({ problem: null, hint: null });
  expect(judgeValue("twitterAuthToken", "  ")).toEqual({ problem: null, hint: null });
});

test("what is unusual is only a hint, and never quotes the value", () => {
  const { problem, hint } = judgeValue("twitterAuthToken", "CANARY");
  expect(problem).toBeNull();
  expect(hint).toMatch(/^Unusual/);
  expect(JSON.stringify(judgeValue("twitterAuthToken", "auth_token=CANARY"))).not.toContain("CANARY");
  expect(hint).not.toContain("CANARY");
});

test("a Cookie header and rows of the developer tools fill the boxes that they name", () => {
  const expected = new Map([
    ["twitterAuthToken", "AAA"],
    ["twitterCt0", "BBB"],
  ]);
  expect(readPasted("Cookie: guest_id=1; auth_token=AAA; ct0=BBB", fields)).toEqual(expected);
  expect(readPasted("auth_token\tAAA\t.x.com\t/\r\nct0\tBBB\t.x.com\t/\n", fields)).toEqual(expected);
  expect(readPasted('auth_token="AAA"\nct0 = BBB', fields)).toEqual(expected);
  expect(readPasted("ct0=BBB", fields)).toEqual(new Map([["twitterCt0", "BBB"]]));
});

test("one value alone is taken as it is, also with an equals sign at its end", () => {
  for (const text of ["AAA", "AAA==", "", "lang=en; theme=dark", `${usual}\n`])
    expect(readPasted(text, fields)).toBeNull();
});
