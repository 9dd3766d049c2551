import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreBackup } from "@stablehand/core/backup/restore-backup";
import { writeBackup } from "@stablehand/core/backup/write-backup";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../support/api.ts";
import { type KeyRow, openKeyRow, openRows, openValueRow, type ValueRow } from "../support/open-stored.ts";

// Proof 5, with everything that the operator has: today's whole database, yesterday's values, and the worker's keys.

let api: TestApi;
let acme: TestBusiness;
let dir: string;
const endUsers = Array.from({ length: 120 }, (_, n) => `user-${n}`);
const deleted = endUsers.slice(0, 80);
const returned = deleted.slice(0, 40); // they come back and upload anew
const at = (endUserId: string) => `/v1/end-users/${endUserId}/credentials`;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  dir = mkdtempSync(join(tmpdir(), "stablehand-proof-"));
});
afterAll(async () => {
  await api.stop();
  rmSync(dir, { recursive: true });
});

const query = async <Row>(text: string) => (await api.context.database.pool.query(text)).rows as Row[];
const upload = (endUserId: string, text: string) =>
  acme.call("PUT", at(endUserId), { redditSession: `${text}-${endUserId}`, twitterCt0: `${text}-${endUserId}` });

test("proof 5: after DELETE, yesterday's dump of the credential table and today's keys open nothing of it", async () => {
  const keyring = await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile));
  await Promise.all(endUsers.map((endUserId) => upload(endUserId, "old")));
  const yesterday = await query<ValueRow>("SELECT * FROM credentials");
  const backup = { values: join(dir, "values"), keys: join(dir, "keys") };
  await writeBackup(api.databaseUrl, backup);
  const before = openRows(await query<KeyRow>("SELECT * FROM end_user_keys"), yesterday, keyring.keys);
  expect(before.size, "the control: yesterday all of it opened").toBe(endUsers.length * 2);

  await Promise.all(deleted.map((endUserId) => acme.call("DELETE", at(endUserId))));
  await Promise.all(returned.map((endUserId) => upload(endUserId, "new")));
  const keys = await query<KeyRow>("SELECT * FROM end_user_keys");
  const ofDeleted = yesterday.filter((row) => deleted.includes(row.end_user_id));
  expect(openRows(keys, ofDeleted, keyring.keys).size).toBe(0);
  expect(
    openRows(keys, yesterday, keyring.keys).size,
    "the control: what was not deleted opens from yesterday's dump",
  ).toBe((endUsers.length - deleted.length) * 2);

  // Any of today's keys on any row, also with the row addressed to that key.
  const opened = keys.map((row) => openKeyRow(row, keyring.keys));
  expect(opened).not.toContain(null);
  let found = 0;
  for (const row of ofDeleted)
    for (const key of opened)
      if (key)
        for (const sealed of [
          row.sealed,
          Buffer.concat([row.sealed.subarray(0, 2), key.keyId, row.sealed.subarray(10)]),
        ])
          if (openValueRow({ ...row, sealed }, key) !== null) found += 1;
  expect(found).toBe(0);

  // Nor does the operator's own command bring them back, with both files of yesterday.
  const report = await restoreBackup(api.databaseUrl, backup, null);
  expect(report.left).toMatchObject({ destroyedKeys: deleted.length, valuesWithoutKey: deleted.length * 2 });
  expect(report.restored).toMatchObject({ endUserKeys: 0, values: 0 });
  const today = openRows(
    await query<KeyRow>("SELECT * FROM end_user_keys"),
    await query<ValueRow>("SELECT * FROM credentials"),
    keyring.keys,
  );
  const old = [...today].filter(
    ([place, value]) => value.startsWith("old") && deleted.includes(place.split("/")[1] ?? ""),
  );
  expect(old).toEqual([]);
}, 120_000);
