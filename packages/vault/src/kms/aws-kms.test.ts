import { randomBytes } from "node:crypto";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultyProxy, startFaultyProxy } from "../../../../tests/support/key-services/faulty-proxy.ts";
import { type AwsCredentials, inJson, type Moto, startMoto } from "../../../../tests/support/key-services/moto.ts";
import { testProvider } from "../../../../tests/support/key-services/provider-rules.ts";
import { pythonWith } from "../../../../tests/support/python-packages.ts";
import { awsKmsProvider } from "./aws-kms.ts";

const python = await pythonWith(["moto", "Flask", "flask-cors"]);
const region = "eu-central-1";

describe.runIf(python)("AWS KMS, by moto's server with its IAM policies enforced", () => {
  let moto: Moto;
  let proxy: FaultyProxy;
  let admin: KMSClient;
  let operator: AwsCredentials;
  let nobody: AwsCredentials;
  let key: string;
  let otherKey: string;

  beforeAll(async () => {
    moto = await startMoto(python ?? "");
    proxy = await startFaultyProxy(moto.url, inJson);
    const credentials = await moto.createUser("admin", ["kms:*"], "*");
    admin = new KMSClient({ region, endpoint: moto.url, credentials });
    [key, otherKey] = [await createKey(), await createKey()];
    operator = await moto.createUser("operator", ["kms:Encrypt", "kms:Decrypt"], "*");
    nobody = await moto.createUser("nobody", ["kms:Encrypt"], "*");
    await moto.enforcePolicies();
  }, 90_000);
  afterAll(async () => {
    admin?.destroy();
    await proxy?.stop();
    await moto?.stop();
  });

  async function createKey(): Promise<string> {
    const { KeyMetadata } = await admin.send(new CreateKeyCommand({}));
    return KeyMetadata?.Arn ?? "";
  }
  const open = (name: string, credentials: AwsCredentials, patienceMs?: number) =>
    awsKmsProvider({ name: "aws-kms", key: name, region, endpoint: proxy.url, credentials }, patienceMs);

  testProvider(() => ({
    open: (patienceMs) => open(key, operator, patienceMs),
    openOtherKey: () => open(otherKey, operator),
    openDenied: async () => open(key, nobody),
    otherKeySays: /refuses kms:Decrypt/, // so does moto; for AWS's own answer see below
    // moto decrypts with a disabled key, so that here the answer is AWS's by its reference.
    disableKey: async () =>
      proxy.fail({ status: 400, body: '{"__type":"DisabledException"}' }, Number.POSITIVE_INFINITY),
    enableKey: async () => proxy.fail("drop", 0),
    proxy,
    busy: { status: 400, body: '{"__type":"ThrottlingException","message":"Rate exceeded"}' },
  }));

  test("a key that does not exist is told", async () => {
    const missing = `arn:aws:kms:${region}:123456789012:key/${crypto.randomUUID()}`;
    await expect(open(missing, operator).wrap(randomBytes(32), randomBytes(8))).rejects.toThrow("check AWS_KMS_KEY");
  });

  test.each([
    ["IncorrectKeyException", "set AWS_KMS_KEY to the key that wrapped the keyring"],
    ["InvalidCiphertextException", "did not wrap this"],
    ["DisabledException", "the key is disabled"],
    ["KMSInvalidStateException", "waits for its deletion"],
    ["ExpiredTokenException", "does not accept this process's credentials"],
    ["InvalidKeyUsageException", "takes a symmetric key"],
  ])("what AWS calls %s becomes words that say what to do", async (type, says) => {
    proxy.fail({ status: 400, body: JSON.stringify({ __type: type, message: "as AWS says it" }) }, 1);
    await expect(open(key, operator).unwrap(randomBytes(64), randomBytes(8))).rejects.toThrow(says);
  });
});
