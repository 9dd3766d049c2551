import { expect, test } from "vitest";
import { createAccount, signedInAs } from "./accounts.ts";

const [alice, bob] = [createAccount("alice"), createAccount("bob")];
const whoIs = (cookie: string) => signedInAs([alice, bob], "twitter", cookie)?.name ?? null;
const cookies = (one: string, two: string) => `auth_token=CANARY-twitterAuthToken-${one}; ct0=CANARY-twitterCt0-${two}`;

test("exactly the platform's cookies of one account sign in as it, in any order", () => {
  expect(whoIs(cookies("alice", "alice"))).toBe("alice");
  expect(whoIs(cookies("bob", "bob").split("; ").reverse().join("; "))).toBe("bob");
});

test.each([
  ["none", ""],
  ["one too few", "ct0=CANARY-twitterCt0-alice"],
  ["one too many", `${cookies("alice", "alice")}; SID=CANARY-youtubeSid-alice`],
  ["one twice", `${cookies("alice", "alice")}; ct0=CANARY-twitterCt0-alice`],
  ["two accounts' mixed", cookies("alice", "bob")],
  ["another's", cookies("carol", "carol")],
])("cookies that are %s sign nobody in", (_what, cookie) => {
  expect(whoIs(cookie)).toBeNull();
});
