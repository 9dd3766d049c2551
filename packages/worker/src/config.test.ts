import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const env = {
  DATABASE_URL: "postgres://u:p@127.0.0.1/d",
  VAULT_KEYRING_FILE: "/data/worker/keyring.json",
  VAULT_KEY_FILE: "/data/worker/vault.key",
  CHROMIUM_PATH: process.execPath,
  TMPDIR: "/data/worker/tmp",
};
const someUser = 1_000;

test("two tasks at once and one spare browser, unless it is told otherwise", () => {
  expect(readConfig(env, someUser)).toMatchObject({ concurrency: 2, prewarm: 1, browserMode: "headless" });
});

test("a worker refuses to run as root, where Chromium has no sandbox", () => {
  expect(() => readConfig(env, 0)).toThrow("unprivileged user");
});

test.each(["pw:channel", "pw:*", "*", "app,pw:protocol"])(
  "DEBUG=%s, with which Playwright prints cookies, is refused",
  (DEBUG) => {
    expect(() => readConfig({ ...env, DEBUG }, someUser)).toThrow("would then print cookies");
  },
);

test.each([
  ["VAULT_KEY_FILE", "", /VAULT_KEY_FILE is not set/],
  ["KEY_PROVIDER", "aws", /is one of file, aws-kms, aws-kms-rsa, gcp-kms, vault-transit/],
  ["CHROMIUM_PATH", "/nowhere", /no program there/],
  ["WORKER_CONCURRENCY", "0", /from 1 to 64/],
  ["EGRESS_HOST_MAP", "x.com:443=127.0.0.1:9443", /EGRESS_TEST_MODE=1/],
])("%s=%s is refused, and says what it should be", (name, value, says) => {
  expect(() => readConfig({ ...env, [name]: value }, someUser)).toThrow(says);
});
