import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../config.ts";
import { leaktestMark, refuseElsewhere } from "./refuse-elsewhere.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "refuse-elsewhere-"));
  writeFileSync(join(directory, leaktestMark), "");
});
afterAll(() => rmSync(directory, { recursive: true }));

const check = (settings: Record<string, string>) => {
  const env = {
    DATABASE_URL: "postgres://user:password@127.0.0.1:1/x",
    VAULT_KEYRING_FILE: join(directory, "keyring.json"),
    VAULT_KEY_FILE: join(directory, "vault.key"),
    CHROMIUM_PATH: process.execPath,
    TMPDIR: directory,
    MODEL: "openai-compatible:leaktest",
    MODEL_BASE_URL: "http://127.0.0.1:1/v1",
    WEBHOOK_ALLOW_PRIVATE: "1",
    EGRESS_TEST_MODE: "1",
    ...settings,
  };
  return () => refuseElsewhere(readConfig(env, 1_000));
};

test("a worker that redacts nothing runs in a leaktest's directory, cut off from the world", () => {
  expect(check({})).not.toThrow();
});

test.each([
  ["on another data directory", { VAULT_KEYRING_FILE: join(tmpdir(), "keyring.json") }],
  ["where browsers reach the internet", { EGRESS_TEST_MODE: "" }],
  ["where webhooks go out", { WEBHOOK_ALLOW_PRIVATE: "" }],
  ["with a model of a provider", { MODEL: "anthropic:any", MODEL_API_KEY: "key" }],
  ["with a model on another machine", { MODEL_BASE_URL: "http://10.0.0.1/v1" }],
  ["with a model that wants a key", { MODEL_API_KEY: "key" }],
  ["without a model", { MODEL: "" }],
])("and refuses to start %s", (_where, settings) => {
  expect(check(settings)).toThrow("redacts nothing");
});
