import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RsaKms, startRsaKms } from "../support/key-services/rsa-kms.ts";
import { makeDataDir, runCli, startServer } from "../support/server.ts";

let kms: RsaKms;
let data: Awaited<ReturnType<typeof makeDataDir>>;
let env: Record<string, string>;
const keyFile = () => join(data.dir, "worker/vault.key");
const credentials = "/v1/end-users/alice/credentials";

beforeAll(async () => {
  kms = await startRsaKms();
  data = await makeDataDir();
  env = {
    STABLEHAND_DATA_DIR: data.dir,
    KEY_PROVIDER: "aws-kms-rsa",
    AWS_KMS_KEY: kms.createKey(2048),
    AWS_KMS_ENDPOINT: kms.url,
    AWS_KMS_ACCESS_KEY_ID: "A",
    AWS_KMS_SECRET_ACCESS_KEY: "S",
    AWS_REGION: "eu-central-1",
  };
});
afterAll(async () => {
  await data.remove();
  await kms.stop();
});

/** What a task of a fresh check says about why it failed. */
async function checkOnce(server: Awaited<ReturnType<typeof startServer>>): Promise<Record<string, unknown>> {
  const { body } = await server.call("POST", `${credentials}/check`, {});
  const { taskId } = body as { taskId: string }; // as the contract says
  for (;;) {
    const task = (await server.call("GET", `/v1/tasks/${taskId}`)).body as Record<string, unknown>; // likewise
    if (task["status"] === "failed" || task["status"] === "completed") return task;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a vault is made with a key service, without a key file; what cannot be moved is refused in a sentence", async () => {
  const made = await runCli(["vault", "init", "--json"], env);
  expect(JSON.parse(made.stdout)).toMatchObject({ state: "created", provider: "aws-kms-rsa" });
  expect(existsSync(keyFile())).toBe(false);
  const file = { ...env, KEY_PROVIDER: "file" };
  const refused = await runCli(["vault", "wrap"], file);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("stablehand vault rotate --local") });
  expect(refused.stderr, "a sentence, no stack").not.toContain("    at ");
  expect((await runCli(["vault", "wrap", "--help"], env)).stdout).toContain("--from-key");
});

test("a vault moves from its key file to a key service by one command, and back by the same", async () => {
  const own = await makeDataDir();
  try {
    const file = { STABLEHAND_DATA_DIR: own.dir };
    await runCli(["vault", "init"], file);
    const oldKeyFile = join(own.dir, "worker/vault.key");
    const there = await runCli(["vault", "wrap", "--json"], { ...env, ...file });
    expect(JSON.parse(there.stdout)).toMatchObject({ from: "file", to: "aws-kms-rsa", keys: 1, oldKeyFile });
    const back = await runCli(["vault", "wrap"], { ...env, ...file, KEY_PROVIDER: "file" });
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining("1 key is wrapped with file") });
  } finally {
    await own.remove();
  }
});

test("a worker that its key service refuses does not run: the start ends, and says what to allow", async () => {
  kms.refusal = { type: "AccessDeniedException", message: "User: worker is not authorized to perform: kms:Decrypt" };
  await expect(startServer(data.dir, env)).rejects.toThrow(
    /The worker refused its configuration:.*refuses kms:Decrypt with arn:.*Allow it to this role/s,
  );
  kms.refusal = null;
});

test("an API without any of it stores values; the worker opens them one call at a time, and none once it may not", async () => {
  const server = await startServer(data.dir, env);
  try {
    await server.call("PUT", credentials, { redditSession: "CANARY-of-alice" });
    const before = kms.decryptions;
    kms.refusal = { type: "AccessDeniedException", message: "not authorized" };
    expect(await checkOnce(server)).toMatchObject({ status: "failed", errorCode: "vault_unavailable" });
    await expect.poll(() => server.log()).toContain("Allow it to this role");
    expect(kms.decryptions - before).toBe(1);
    kms.refusal = null;
    const task = await checkOnce(server);
    expect(task["errorCode"]).not.toBe("vault_unavailable");
    expect(kms.decryptions - before).toBe(2);
  } finally {
    await server.stop();
  }
  expect(readFileSync(join(data.dir, "worker/keyring.json"), "utf8")).not.toMatch(/private/i);
});
