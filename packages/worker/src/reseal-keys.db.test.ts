import { createLog } from "@stablehand/core/log";
import { countByKeyringKey } from "@stablehand/core/store/end-user-keys";
import { getResealRun } from "@stablehand/core/store/reseal-runs";
import { openKeyring, rotateKeyring } from "@stablehand/vault/custody";
import { openPublicKeyring } from "@stablehand/vault/keyring";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { createEndUserKey } from "@stablehand/vault/seal";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { createOpener, type Opener } from "./opener.ts";
import { resealKeys } from "./reseal-keys.ts";

let api: TestApi;
let acme: TestBusiness;
let opener: Opener;
const log = createLog("test", "silent");
const endUsers = 250; // three batches

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
});
beforeEach(async () => {
  await api.context.database.pool.query("DELETE FROM end_user_keys");
  await addKeys("user", endUsers);
});
afterAll(() => api.stop());

/** End-users' keys, sealed to the keyring's current key. */
async function addKeys(name: string, count: number): Promise<void> {
  const ring = openPublicKeyring(api.vault.publicKeyringFile).current();
  for (let n = 0; n < count; n++) {
    const owner = { businessId: acme.businessId, endUserId: `${name}-${n}` };
    const key = createEndUserKey(owner, ring);
    await api.context.database.db
      .insertInto("end_user_keys")
      .values({
        business_id: owner.businessId,
        end_user_id: owner.endUserId,
        key_id: key.keyId,
        public_key: key.publicKey,
        sealed_private_key: key.sealedPrivateKey,
        keyring_key_id: key.keyringKeyId,
      })
      .execute();
  }
}

const reseal = (signal = new AbortController().signal) =>
  resealKeys({ db: api.context.database.db, opener, log, workerId: "w1", perSecond: 100_000, lookAgainMs: 0 }, signal);

/** What the worker opens of every key, by end-user; throws when one does not open. */
async function openAll(): Promise<Map<string, string>> {
  const { rows } = await api.context.database.pool.query("SELECT * FROM end_user_keys ORDER BY end_user_id");
  const opened = new Map<string, string>();
  for (const row of rows) {
    const owner = { businessId: row.business_id, endUserId: row.end_user_id };
    const stored = { keyId: row.key_id, sealedPrivateKey: row.sealed_private_key, keyringKeyId: row.keyring_key_id };
    opened.set(row.end_user_id, (await opener.openKeyBytes(owner, stored)).toString("hex"));
  }
  return opened;
}

test("every key moves to the new keyring key, over several batches, and is the same key as before", async () => {
  const before = await openAll();
  const current = await rotateKeyring(api.vault);
  await reseal();
  expect([...(await countByKeyringKey(api.context.database.db))]).toEqual([[current, endUsers]]);
  expect(await openAll()).toEqual(before);
});

test("ended in the middle, the next run goes on with what is left", async () => {
  const current = await rotateKeyring(api.vault);
  const stop = new AbortController();
  const running = reseal(stop.signal);
  const moved = async () => (await countByKeyringKey(api.context.database.db)).get(current) ?? 0;
  await expect.poll(moved, { timeout: 10_000, interval: 1 }).toBeGreaterThan(0);
  stop.abort();
  await expect(running).rejects.toThrow();
  expect(await moved()).toBeLessThan(endUsers);
  await reseal();
  expect(await moved()).toBe(endUsers);
});

test("two runs at once do no harm", async () => {
  const before = await openAll();
  await rotateKeyring(api.vault);
  await Promise.all([reseal(), reseal()]);
  expect(await openAll()).toEqual(before);
});

test("a row that does not open is passed by and left as it is; the others are moved", async () => {
  await api.context.database.pool.query(
    "UPDATE end_user_keys SET sealed_private_key = '\\x00' WHERE end_user_id = 'user-100'",
  );
  const current = await rotateKeyring(api.vault);
  await reseal();
  const counts = await countByKeyringKey(api.context.database.db);
  expect(counts.get(current)).toBe(endUsers - 1);
  expect([...counts.values()].sort()).toEqual([1, endUsers - 1]);
});

test("how far it is can be read while it runs and after, with what did not open", async () => {
  await api.context.database.pool.query(
    "UPDATE end_user_keys SET sealed_private_key = '\\x00' WHERE end_user_id = 'user-7'",
  );
  const current = Buffer.from(await rotateKeyring(api.vault), "hex");
  const { db } = api.context.database;
  const running = resealKeys(
    { db, opener, log, workerId: "w2", perSecond: 200, lookAgainMs: 0 },
    new AbortController().signal,
  );
  const progress = () => getResealRun(db, current);
  await expect.poll(async () => (await progress())?.resealed ?? 0, { timeout: 10_000, interval: 5 }).toBeGreaterThan(0);
  expect(await progress()).toMatchObject({ workerId: "w2", finishedAt: null });
  await running;
  expect(await progress()).toMatchObject({ resealed: endUsers - 1, unreadable: 1, finishedAt: expect.any(Date) });
});
