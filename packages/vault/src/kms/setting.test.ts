import { describe, expect, test } from "vitest";
import { readKeyProvider } from "./setting.ts";

const aws = { KEY_PROVIDER: "aws-kms", AWS_KMS_KEY: "arn:aws:kms:eu-central-1:111122223333:key/1" };
const transit = {
  KEY_PROVIDER: "vault-transit",
  TRANSIT_ADDRESS: "https://vault.example.com:8200/",
  TRANSIT_KEY: "stablehand",
  TRANSIT_TOKEN_FILE: "/run/token",
};
const gcp = { KEY_PROVIDER: "gcp-kms", GCP_KMS_KEY: "projects/p/locations/l/keyRings/r/cryptoKeys/k" };

test("without KEY_PROVIDER it is the key file", () => {
  expect(readKeyProvider({ VAULT_KEY_FILE: "/k" })).toEqual({ name: "file", keyFile: "/k" });
});

test("what is not set has the service's own default", () => {
  expect(readKeyProvider(aws)).toMatchObject({ name: "aws-kms", region: null, endpoint: null, credentials: null });
  expect(readKeyProvider(gcp)).toMatchObject({ endpoint: "https://cloudkms.googleapis.com" });
  expect(readKeyProvider(transit)).toMatchObject({
    address: "https://vault.example.com:8200",
    mount: "transit",
    namespace: null,
  });
});

test("a keyring that is moved names its provider itself", () => {
  expect(readKeyProvider({ ...aws, VAULT_KEY_FILE: "/k" }, "file")).toEqual({ name: "file", keyFile: "/k" });
});

test("credentials that the API has too, for assets, are not used for the key", () => {
  const shared = { ...aws, AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "S" };
  expect(readKeyProvider(shared)).toMatchObject({ credentials: null });
  const withAssets = { ...shared, ASSET_STORE: "s3://bucket" };
  expect(() => readKeyProvider(withAssets)).toThrow("give the worker credentials of its own");
  const own = { ...withAssets, AWS_KMS_ACCESS_KEY_ID: "B", AWS_KMS_SECRET_ACCESS_KEY: "T" };
  expect(readKeyProvider(own)).toMatchObject({ credentials: { accessKeyId: "B", secretAccessKey: "T" } });
});

describe("refused, with words that say what it should be", () => {
  test.each([
    [{ KEY_PROVIDER: "aws" }, "is one of file, aws-kms, aws-kms-rsa, gcp-kms, vault-transit"],
    [{ KEY_PROVIDER: "file" }, "VAULT_KEY_FILE is not set"],
    [{ KEY_PROVIDER: "aws-kms-rsa" }, "AWS_KMS_KEY is not set"],
    [{ ...aws, AWS_KMS_ACCESS_KEY_ID: "B" }, "AWS_KMS_SECRET_ACCESS_KEY is not set"],
    [{ ...aws, AWS_KMS_ENDPOINT: "kms" }, "it must be an https URL"],
    [{ KEY_PROVIDER: "gcp-kms" }, "GCP_KMS_KEY is not set"],
    [{ ...gcp, GCP_KMS_KEY: "my-key" }, "it must look like projects/"],
    [{ ...transit, TRANSIT_ADDRESS: "" }, "TRANSIT_ADDRESS is not set"],
    [{ ...transit, TRANSIT_ADDRESS: "http://vault.example.com:8200" }, "http only to this machine"],
    [{ ...transit, TRANSIT_TOKEN_FILE: "" }, "TRANSIT_TOKEN_FILE is not set"],
    [{ ...transit, TRANSIT_KEY: "" }, "TRANSIT_KEY is not set"],
  ])("%j", (env, says) => {
    expect(() => readKeyProvider(env)).toThrow(says);
  });
});
