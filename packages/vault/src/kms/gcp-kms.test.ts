import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type FaultyProxy, startFaultyProxy } from "../../../../tests/support/key-services/faulty-proxy.ts";
import { type FakeGcp, startFakeGcp } from "../../../../tests/support/key-services/gcp-kms.ts";
import { testProvider } from "../../../../tests/support/key-services/provider-rules.ts";
import { gcpKmsProvider } from "./gcp-kms.ts";

const key = "projects/p/locations/global/keyRings/r/cryptoKeys/stablehand";
const otherKey = "projects/p/locations/global/keyRings/r/cryptoKeys/other";
let gcp: FakeGcp;
let proxy: FaultyProxy;

beforeAll(async () => {
  gcp = await startFakeGcp();
  proxy = await startFaultyProxy(gcp.url);
  // How the auth library finds the metadata server of a machine at Google.
  vi.stubEnv("GCE_METADATA_HOST", gcp.metadataHost);
  vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", undefined);
  vi.stubEnv("HOME", "/dev/null"); // no file of somebody's own
});
beforeEach(() => {
  gcp.allowed = true;
  for (const name of [key, otherKey]) gcp.keys.set(name, { secret: randomBytes(32), enabled: true });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await proxy.stop();
  await gcp.stop();
});

const open = (name: string, patienceMs?: number) =>
  gcpKmsProvider({ name: "gcp-kms", key: name, endpoint: proxy.url }, patienceMs);
const enable = (enabled: boolean) => {
  const one = gcp.keys.get(key);
  if (one) one.enabled = enabled;
};

describe("Google Cloud KMS, as its reference describes it", () => {
  testProvider(() => ({
    open: (patienceMs) => open(key, patienceMs),
    openOtherKey: () => open(otherKey),
    otherKeySays: /did not wrap this .*(GCP_KMS_KEY|TRANSIT_KEY) to the key that wrapped the keyring/,
    async openDenied() {
      gcp.allowed = false;
      return open(key);
    },
    disableKey: async () => enable(false),
    enableKey: async () => enable(true),
    proxy,
    busy: {
      status: 429,
      body: JSON.stringify({ error: { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" } }),
    },
  }));

  test("a key that does not exist, and an answer without a result, are told apart from all that", async () => {
    const missing = open("projects/p/locations/global/keyRings/r/cryptoKeys/missing");
    await expect(missing.wrap(randomBytes(32), randomBytes(8))).rejects.toThrow("check GCP_KMS_KEY");
    proxy.fail({ status: 200, body: "{}" }, 1);
    await expect(open(key).wrap(randomBytes(32), randomBytes(8))).rejects.toThrow(
      "answered encrypt without a ciphertext",
    );
    proxy.fail({ status: 401, body: "{}" }, 1);
    await expect(open(key).wrap(randomBytes(32), randomBytes(8))).rejects.toThrow("does not accept this process");
  });
});
