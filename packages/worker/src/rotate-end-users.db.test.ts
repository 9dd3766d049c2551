import { type CredentialField, credentialFieldNames } from "@stablehand/contract";
import { newId, type TaskId } from "@stablehand/core/ids";
import { createLog } from "@stablehand/core/log";
import { takeCredentials } from "@stablehand/core/store/credential-openings";
import { askAllRotations, askRotation, countAskedRotations } from "@stablehand/core/store/end-user-rotations";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { createOpener, type Opener } from "./opener.ts";
import { resealKeys } from "./reseal-keys.ts";

let api: TestApi;
let acme: TestBusiness;
let opener: Opener;
const log = createLog("test", "silent");
const at = (endUserId: string) => `/v1/end-users/${endUserId}/credentials`;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
});
afterAll(() => api.stop());

const db = () => api.context.database.db;
const owner = (endUserId: string) => ({ businessId: acme.businessId, endUserId });
const work = (signal = new AbortController().signal) =>
  resealKeys({ db: db(), opener, log, workerId: "w1", perSecond: 100_000, lookAgainMs: 0 }, signal);

const put = (endUserId: string, values: Partial<Record<CredentialField, string>>) =>
  acme.call("PUT", at(endUserId), values);

/** What a worker opens for a task; null when nothing is stored. */
async function open(endUserId: string): Promise<Partial<Record<CredentialField, string>> | null> {
  const asked = {
    ...owner(endUserId),
    fields: credentialFieldNames,
    taskId: newId<TaskId>(),
    workerId: "test",
    action: "open" as const,
  };
  const sealed = await takeCredentials(db(), asked);
  return sealed && opener.openCredentials(owner(endUserId), sealed);
}

async function keyIdOf(endUserId: string): Promise<string | undefined> {
  const { rows } = await api.context.database.pool.query(
    "SELECT encode(key_id, 'hex') AS key_id FROM end_user_keys WHERE business_id = $1 AND end_user_id = $2",
    [acme.businessId, endUserId],
  );
  return rows[0]?.key_id;
}

async function isDestroyed(keyId: string | undefined): Promise<boolean> {
  const { rowCount } = await api.context.database.pool.query(
    "SELECT FROM destroyed_keys WHERE encode(key_id, 'hex') = $1",
    [keyId],
  );
  return rowCount === 1;
}

test("an end-user has a new key and the same values, as old as before; the old key is destroyed for good", async () => {
  await put("alice", { redditSession: "one", twitterCt0: "two" });
  const [keyBefore, statusBefore] = [await keyIdOf("alice"), (await acme.call("GET", at("alice"))).json()];
  const { rows: before } = await api.context.database.pool.query(
    "SELECT * FROM end_user_keys WHERE end_user_id = 'alice'",
  );
  expect(await askRotation(db(), owner("alice"))).toBe(true);
  await work();
  expect(await keyIdOf("alice")).not.toBe(keyBefore);
  expect(await countAskedRotations(db())).toBe(0);
  expect((await acme.call("GET", at("alice"))).json()).toEqual(statusBefore);
  expect(await open("alice")).toEqual({ redditSession: "one", twitterCt0: "two" });
  expect(await isDestroyed(keyBefore)).toBe(true);
  // Brought back by whatever tool, the database refuses it.
  const [row] = before;
  await expect(
    api.context.database.pool.query(
      `INSERT INTO end_user_keys (business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id)
       VALUES ($1, 'alice again', $2, $3, $4, $5)`,
      [row.business_id, row.key_id, row.public_key, row.sealed_private_key, row.keyring_key_id],
    ),
  ).rejects.toThrow("was destroyed");
});

test("the access log has it, with every field", async () => {
  const { rows } = await api.context.database.pool.query(
    "SELECT action, fields, actor, task_id FROM credential_access WHERE business_id = $1 AND action = 'rekey'",
    [acme.businessId],
  );
  expect(rows).toEqual([
    { action: "rekey", fields: ["redditSession", "twitterCt0"], actor: "worker:w1", task_id: null },
  ]);
});

test("an API that remembers the old key seals to the new one", async () => {
  await put("remembered", { redditSession: "before" });
  await askRotation(db(), owner("remembered"));
  await work();
  expect((await put("remembered", { twitterCt0: "after" })).statusCode).toBe(200);
  expect(await open("remembered")).toEqual({ redditSession: "before", twitterCt0: "after" });
});

test("PUTs, openings, DELETEs and rotations at once: what is stored opens, and is the last that was uploaded", async () => {
  const endUsers = ["r0", "r1", "r2"];
  const last = new Map<string, Partial<Record<CredentialField, string>>>();
  for (const endUserId of endUsers) await put(endUserId, { redditSession: "start" });
  const stop = new AbortController();
  let opened = 0;
  let rotated = 0;
  const writing = endUsers.map(async (endUserId, index) => {
    for (let n = 0; n < 60; n++) {
      const values = { redditSession: `r${n}`, twitterCt0: `t${n}` };
      expect((await put(endUserId, values)).statusCode).toBe(200);
      last.set(endUserId, values);
      if (index === 2 && n % 10 === 0) {
        expect((await acme.call("DELETE", at(endUserId))).statusCode).toBe(200);
        last.delete(endUserId);
      }
    }
  });
  const opening = async () => {
    while (!stop.signal.aborted) {
      for (const endUserId of ["r0", "r1"]) {
        const values = await open(endUserId);
        expect(values, "an opening never meets a key that does not fit").not.toBeNull();
        expect(values).toHaveProperty("redditSession");
        opened += 1;
      }
    }
  };
  const rotating = async () => {
    while (!stop.signal.aborted) {
      const before = await Promise.all(endUsers.map(keyIdOf));
      await askAllRotations(db(), acme.businessId);
      await Promise.all([work(), work()]);
      const after = await Promise.all(endUsers.map(keyIdOf));
      rotated += after.filter((keyId, index) => keyId !== before[index]).length;
    }
  };
  const others = [opening(), rotating()];
  await Promise.all(writing).finally(() => stop.abort());
  await Promise.all(others);
  expect(opened, "the control: openings met rotations").toBeGreaterThan(10);
  expect(rotated).toBeGreaterThan(10);
  await askAllRotations(db(), acme.businessId);
  await work();
  for (const endUserId of endUsers) expect(await open(endUserId)).toEqual(last.get(endUserId) ?? null);
});

test("a DELETE that comes between reading and storing wins: nothing comes back", async () => {
  await put("deleted", { redditSession: "secret" });
  await askRotation(db(), owner("deleted"));
  const slow: Opener = {
    ...opener,
    openCredentials: async (who, sealed) => {
      const values = await opener.openCredentials(who, sealed);
      if (who.endUserId === "deleted") await acme.call("DELETE", at("deleted"));
      return values;
    },
  };
  await resealKeys(
    { db: db(), opener: slow, log, workerId: "w1", perSecond: 100_000, lookAgainMs: 0 },
    new AbortController().signal,
  );
  expect(await keyIdOf("deleted")).toBeUndefined();
  const { rowCount } = await api.context.database.pool.query("SELECT FROM credentials WHERE end_user_id = 'deleted'");
  expect(rowCount).toBe(0);
});

test("an end-user whose value does not open is left as it is; the others are done", async () => {
  await put("broken", { redditSession: "x", twitterCt0: "y" });
  await put("whole", { redditSession: "x" });
  await api.context.database.pool.query(
    "UPDATE credentials SET sealed = '\\x00' WHERE end_user_id = 'broken' AND field = 'twitterCt0'",
  );
  const [broken, whole] = [await keyIdOf("broken"), await keyIdOf("whole")];
  await askAllRotations(db(), null);
  await work();
  expect(await keyIdOf("broken")).toBe(broken);
  expect(await keyIdOf("whole")).not.toBe(whole);
  expect(await countAskedRotations(db())).toBe(1);
});

test("all are asked for in batches, once each, also by two commands at once", async () => {
  await Promise.all(Array.from({ length: 25 }, (_, n) => put(`many-${n}`, { redditSession: "x" })));
  const { rowCount } = await api.context.database.pool.query("SELECT FROM end_user_keys");
  await api.context.database.pool.query("UPDATE end_user_keys SET rotation_asked_at = NULL");
  await askAllRotations(db(), acme.businessId, 10);
  expect(await countAskedRotations(db())).toBe(rowCount);
  expect(await askAllRotations(db(), acme.businessId, 10)).toBe(0);
});
