import { type CredentialField, credentialFieldNames } from "@stablehand/contract";
import { newId, type TaskId } from "@stablehand/core/ids";
import { revokeApiKey } from "@stablehand/core/store/api-keys";
import { takeCredentials } from "@stablehand/core/store/credential-openings";
import { findEndUserKeys, writeCredentials } from "@stablehand/core/store/credential-writes";
import { deleteCredentials } from "@stablehand/core/store/credentials";
import { openKeyring } from "@stablehand/vault/custody";
import { openPublicKeyring } from "@stablehand/vault/keyring";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { openEndUserKey, openValue } from "@stablehand/vault/open";
import { importEndUserKey, sealValues } from "@stablehand/vault/seal";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { type CredentialWriter, openCredentialWriter } from "./credential-writer.ts";

let api: TestApi;
let acme: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
});
afterAll(() => api.stop());

const at = (endUserId: string) => `/v1/end-users/${endUserId}/credentials`;

/** Opens, as a worker does, everything that is stored of an end-user. Throws when anything does not open. */
async function opened(endUserId: string): Promise<Partial<Record<CredentialField, string>>> {
  const owner = { businessId: acme.businessId, endUserId };
  const sealed = await takeCredentials(api.context.database.db, {
    ...owner,
    fields: credentialFieldNames,
    taskId: newId<TaskId>(),
    workerId: "test",
    action: "open",
  });
  if (!sealed) return {};
  const keyring = await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile));
  const key = openEndUserKey(owner, sealed.key, keyring.keys);
  if (!key) throw new Error("the keyring has the key");
  return Object.fromEntries(sealed.values.map((one) => [one.field, openValue(owner, one.field, key, one.sealed)]));
}

/** A second API process, as far as writing goes: its own memory of keys. */
function anotherWriter(): CredentialWriter {
  return openCredentialWriter(api.context.database, openPublicKeyring(api.vault.publicKeyringFile));
}

const owner = (endUserId: string) => ({
  businessId: acme.businessId,
  endUserId,
  apiKeyId: acme.keyId,
  actor: `key:${acme.keyId}`,
});

test("what a worker opens is what was PUT, trimmed, to the byte", async () => {
  const values = Object.fromEntries(credentialFieldNames.map((field) => [field, `CANARY-${field}-é🍪%2C`]));
  await acme.call("PUT", at("exact"), { ...values, twitterCt0: `  ${values.twitterCt0}\n` });
  expect(await opened("exact")).toEqual(values);
});

test("no value stands in the database in clear, nor does any row name it", async () => {
  await acme.call("PUT", at("dump"), { redditSession: "CANARY-in-the-dump" });
  const { rows } = await api.context.database.pool.query(
    "SELECT c::text AS row FROM credentials c UNION ALL SELECT k::text FROM end_user_keys k UNION ALL SELECT a::text FROM credential_access a",
  );
  const text = rows.map((row) => row.row).join("\n");
  expect(text).toContain("dump");
  for (const needle of ["CANARY-in", Buffer.from("CANARY-in").toString("hex")]) expect(text).not.toContain(needle);
});

describe("concurrency", () => {
  test("40 PUTs of different fields of new end-users, over two processes, lose nothing", async () => {
    const writers = [anotherWriter(), anotherWriter()];
    const fields = credentialFieldNames.slice(0, 8);
    await Promise.all(
      ["a", "b", "c", "d", "e"].flatMap((endUserId) =>
        fields.map((field, index) =>
          writers[index % 2]?.set(owner(`many-${endUserId}`), [[field, `CANARY-${endUserId}-${field}`]]),
        ),
      ),
    );
    for (const endUserId of ["a", "b", "c", "d", "e"])
      expect(await opened(`many-${endUserId}`)).toEqual(
        Object.fromEntries(fields.map((field) => [field, `CANARY-${endUserId}-${field}`])),
      );
  });

  test("the last of many writers of one field wins, and its value opens", async () => {
    for (let value = 0; value < 5; value++) {
      await Promise.all([
        acme.call("PUT", at("last"), { twitterCt0: `CANARY-${value}-a`, redditSession: "CANARY" }),
        acme.call("PUT", at("last"), { twitterCt0: `CANARY-${value}-b` }),
      ]);
      expect((await opened("last")).twitterCt0).toMatch(`CANARY-${value}-`);
    }
  });

  test("a PUT whose memory of the key is stale, since another process deleted it, seals anew and is stored", async () => {
    const writer = anotherWriter();
    await writer.set(owner("stale"), [["twitterCt0", "CANARY-old"]]);
    await acme.call("DELETE", at("stale"));
    await writer.set(owner("stale"), [["redditSession", "CANARY-new"]]);
    expect(await opened("stale")).toEqual({ redditSession: "CANARY-new" });
  });

  test("PUTs racing DELETEs leave only values that open, and a PUT after the last DELETE is there", async () => {
    const writers = [anotherWriter(), anotherWriter()];
    const race = Array.from({ length: 60 }, (_, index) =>
      index % 4 === 3
        ? acme.call("DELETE", at("race"), index % 8 === 3 ? undefined : { fields: ["twitterCt0"] })
        : writers[index % 2]?.set(owner("race"), [
            ["twitterCt0", `CANARY-${index}`],
            ["twitterAuthToken", `CANARY-${index}`],
          ]),
    );
    const settled = await Promise.allSettled(race);
    expect(settled.filter((one) => one.status === "rejected")).toEqual([]);
    await acme.call("PUT", at("race"), { redditSession: "CANARY-after" });
    const values = await opened("race");
    expect(values.redditSession).toBe("CANARY-after");
    const { rowCount } = await api.context.database.pool.query("SELECT FROM credentials WHERE end_user_id = 'race'");
    expect(Object.keys(values)).toHaveLength(rowCount ?? -1);
  });

  test("a DELETE waits for a PUT under way, and then deletes what it stored: no value outlives its key", async () => {
    const { pool, db } = api.context.database;
    await acme.call("PUT", at("overlap"), { twitterCt0: "CANARY-1" });
    const [key] = await findEndUserKeys(pool, [owner("overlap")]);
    if (!key) throw new Error("the PUT made a key");
    const put = await pool.connect();
    await put.query("BEGIN");
    const write = {
      ...owner("overlap"),
      keyId: key.keyId,
      newKey: null,
      values: sealValues(owner("overlap"), importEndUserKey(key), [["redditSession", "CANARY-2"]]),
    };
    expect(await writeCredentials(put as unknown as typeof pool, [write])).toEqual(["stored"]); // queries alike

    let isDeleted = false;
    const deleting = deleteCredentials(db, { ...owner("overlap"), actor: "key:test" }, credentialFieldNames).then(
      () => {
        isDeleted = true;
      },
    );
    const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await expect.poll(async () => (await pool.query(waiting)).rowCount, { timeout: 5_000 }).toBe(1);
    expect(isDeleted).toBe(false);
    await put.query("COMMIT");
    put.release();
    await deleting;
    const left = await pool.query("SELECT FROM credentials WHERE end_user_id = 'overlap'");
    expect(left.rowCount).toBe(0);
  });

  test("a PUT locks its business's log last: whoever holds the rows that it waits for can still log, and neither waits for ever", async () => {
    const { pool } = api.context.database;
    await anotherWriter().set(owner("held"), [["twitterCt0", "CANARY"]]);
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM credentials WHERE end_user_id = 'held' FOR UPDATE");
    const putting = anotherWriter().set(owner("held"), [["twitterCt0", "CANARY-2"]]);
    const waiting = async () =>
      (await pool.query("SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted")).rows[0].count;
    await expect.poll(waiting, { timeout: 5_000 }).toBe(1);
    await holder.query(
      "INSERT INTO credential_access (business_id, end_user_id, action, fields, actor) VALUES ($1, 'held', 'set', '{}', 'key:test')",
      [acme.businessId],
    );
    await holder.query("COMMIT");
    holder.release();
    await putting;
    expect(await opened("held")).toEqual({ twitterCt0: "CANARY-2" });
  });

  test("one PUT that the database refuses fails alone, not those that share its statement", async () => {
    const { pool } = api.context.database;
    await pool.query("ALTER TABLE end_user_keys ADD CONSTRAINT no_poison CHECK (end_user_id <> 'poison') NOT VALID");
    const writer = anotherWriter();
    const settled = await Promise.allSettled(
      ["first", "poison", "second"].map((endUserId) => writer.set(owner(endUserId), [["twitterCt0", "CANARY"]])),
    );
    await pool.query("ALTER TABLE end_user_keys DROP CONSTRAINT no_poison");
    expect(settled.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect([await opened("first"), await opened("poison"), await opened("second")]).toEqual([
      { twitterCt0: "CANARY" },
      {},
      { twitterCt0: "CANARY" },
    ]);
  });

  test("a revoked key, and a key of another business, are refused by the statement itself and store nothing", async () => {
    const { businessId, keyId } = await api.business("acme");
    const other = await api.business("other");
    await revokeApiKey(api.context.database.db, businessId, keyId);
    const writer = anotherWriter();
    for (const apiKeyId of [keyId, other.keyId, "sb_live_00000000"])
      await expect(writer.set({ ...owner("refused"), apiKeyId }, [["twitterCt0", "CANARY"]])).rejects.toMatchObject({
        code: "key_revoked",
      });
    expect(await opened("refused")).toEqual({});
  });
});

describe("an opening", () => {
  test("stamps lastUsedAt of what was opened and no other, and is in the access log with its task and worker", async () => {
    await acme.call("PUT", at("used"), { twitterCt0: "CANARY", redditSession: "CANARY" });
    const taskId = newId<TaskId>();
    await takeCredentials(api.context.database.db, {
      businessId: acme.businessId,
      endUserId: "used",
      fields: ["twitterCt0", "twitterAuthToken"],
      taskId,
      workerId: "w1",
      action: "open",
    });
    const { details } = (await acme.call("GET", at("used"))).json();
    expect(details.twitter.fields.twitterCt0.lastUsedAt).toMatch(/Z$/);
    expect(details.reddit.fields.redditSession.lastUsedAt).toBeNull();
    const { rows } = await api.context.database.pool.query(
      "SELECT action, fields, actor, task_id FROM credential_access WHERE end_user_id = 'used' AND action = 'open'",
    );
    expect(rows).toEqual([{ action: "open", fields: ["twitterCt0"], actor: "worker:w1", task_id: taskId }]);
  });

  test("that cannot be logged hands out nothing and changes nothing", async () => {
    await acme.call("PUT", at("unlogged"), { twitterCt0: "CANARY" });
    const { pool, db } = api.context.database;
    await pool.query("ALTER TABLE credential_access ADD CONSTRAINT no_more CHECK (false) NOT VALID");
    try {
      await expect(
        takeCredentials(db, {
          businessId: acme.businessId,
          endUserId: "unlogged",
          fields: ["twitterCt0"],
          taskId: newId<TaskId>(),
          workerId: "w1",
          action: "open",
        }),
      ).rejects.toThrow("no_more");
      const { details } = (await acme.call("GET", at("unlogged"))).json();
      expect(details.twitter.fields.twitterCt0.lastUsedAt).toBeNull();
      expect((await acme.call("PUT", at("unlogged"), { redditSession: "CANARY" })).statusCode).toBe(500);
      expect((await acme.call("GET", at("unlogged"))).json().platforms.reddit).toBe(false);
    } finally {
      await pool.query("ALTER TABLE credential_access DROP CONSTRAINT no_more");
    }
  });
});
