import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

const env = {
  DATABASE_URL: "postgres://u:p@127.0.0.1/d",
  VAULT_PUBLIC_KEYRING_FILE: "/data/keyring.public.json",
  AUTH_SECRET: "0123456789abcdef0123456789abcdef",
};
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stablehand-config-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("what has a default needs not be set: loopback, port 8787", () => {
  expect(readConfig(env)).toMatchObject({ host: "127.0.0.1", port: 8787, logLevel: "info", connectionsMax: 16 });
});

test.each([
  ["https://stablehand.example.com", "https://stablehand.example.com"],
  ["https://example.com/stablehand/", "https://example.com/stablehand"],
])("PUBLIC_URL %s is where callers come, without a slash at the end", (PUBLIC_URL, publicUrl) => {
  expect(readConfig({ ...env, PUBLIC_URL })).toMatchObject({ publicUrl, assetUrlTtlSeconds: 86_400, assetStore: null });
});

describe("the API refuses to start", () => {
  test.each([
    "VAULT_KEYRING_FILE",
    "KEY_PROVIDER",
    "VAULT_KEY",
    "VAULT_PRIVATE_KEY",
    "AWS_KMS_KEY",
    "AWS_KMS_ACCESS_KEY_ID",
    "AWS_KMS_SECRET_ACCESS_KEY",
    "GCP_KMS_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "TRANSIT_TOKEN_FILE",
  ])("with %s, a worker's setting, in its environment", (name) => {
    expect(() => readConfig({ ...env, [name]: "x" })).toThrow(`${name} is set: it is the worker's`);
  });

  test("when it can read the worker's key file", () => {
    const keyFile = join(directory, "vault.key");
    expect(() => readConfig({ ...env, VAULT_KEY_FILE: keyFile })).not.toThrow();
    writeFileSync(keyFile, "CANARY", { mode: 0o600 });
    expect(() => readConfig({ ...env, VAULT_KEY_FILE: keyFile })).toThrow("this process can read it");
    chmodSync(keyFile, 0o000);
    if (process.getuid?.() !== 0) expect(() => readConfig({ ...env, VAULT_KEY_FILE: keyFile })).not.toThrow();
  });

  test("when a way to sign in leads back here, and it is not told where here is", () => {
    const oidc = { OIDC_ISSUER: "https://login.example.com", OIDC_CLIENT_ID: "a", OIDC_CLIENT_SECRET: "b" };
    const mail = { SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "a@example.com" };
    for (const more of [oidc, mail]) {
      expect(() => readConfig({ ...env, ...more })).toThrow("PUBLIC_URL is not set");
      expect(() => readConfig({ ...env, ...more, PUBLIC_URL: "https://a.example" })).not.toThrow();
    }
  });

  test.each([
    ["DATABASE_URL", undefined, /DATABASE_URL is not set/],
    ["DATABASE_URL", "", /DATABASE_URL is not set/],
    ["VAULT_PUBLIC_KEYRING_FILE", undefined, /stablehand vault init/],
    ["AUTH_SECRET", undefined, /AUTH_SECRET is not set: 32 random characters or more/],
    ["AUTH_SECRET", "short", /AUTH_SECRET is shorter than 32 characters/],
    ["ALLOW_SIGNUP", "yes", /ALLOW_SIGNUP is "yes": it must be 1 or not set/],
    ["OIDC_ISSUER", "login.example.com", /OIDC_ISSUER is "login.example.com": it must look like https:/],
    ["OIDC_ISSUER", "http://login.example.com", /must look like https:/],
    ["OIDC_ISSUER", "https://login.example.com", /OIDC_CLIENT_ID is not set/],
    ["SMTP_URL", "mail.example.com:25", /SMTP_URL must look like smtp:/],
    ["SMTP_URL", "smtp://mail.example.com", /MAIL_FROM is not set/],
    ["TRUSTED_PROXIES", "10.0.0.7, proxy", /TRUSTED_PROXIES names "proxy": give addresses and ranges/],
    ["TRUSTED_PROXIES", "10.0.0.0/33", /TRUSTED_PROXIES names/],
    ["PORT", "http", /PORT is "http": it must be a whole number from 0 to 65535/],
    ["PORT", "65536", /PORT/],
    ["PORT", "-1", /PORT/],
    ["LOG_LEVEL", "loud", /must be one of fatal, error/],
    ["DATABASE_CONNECTIONS", "1", /from 2 to 500/],
    ["ASSET_URL_TTL_SECONDS", "0", /from 1 to 31536000/],
    ["ASSET_STORE", "s3://bucket", /AWS_ACCESS_KEY_ID is not set/],
    ["PUBLIC_URL", "stablehand.example.com", /PUBLIC_URL is "stablehand.example.com": it must look like https:/],
    ["PUBLIC_URL", "ftp://stablehand.example.com", /must look like https:/],
    ["PUBLIC_URL", "https://stablehand.example.com/?a=1", /must look like https:/],
  ])("with %s %s, and says what it should be", (name, value, says) => {
    expect(() => readConfig({ ...env, [name]: value })).toThrow(says);
  });
});
