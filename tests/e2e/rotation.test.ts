import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KeyRow, openRows, type ValueRow } from "../support/open-stored.ts";
import { findProcess, findProgram } from "../support/processes.ts";
import { makeDataDir, runCli, startServer, type TestServer } from "../support/server.ts";

let data: Awaited<ReturnType<typeof makeDataDir>>;
let server: TestServer;
let database: pg.Client;
const endUsers = 1_200;
const perSecond = 100;

beforeAll(async () => {
  data = await makeDataDir();
  server = await startServer(data.dir, { BROWSER_PREWARM: "0", RESEAL_PER_SECOND: String(perSecond) });
  database = new pg.Client({ connectionString: readFileSync(join(data.dir, "database.url"), "utf8").trim() });
  await database.connect();
  for (let n = 0; n < endUsers; n += 20)
    await Promise.all(
      Array.from({ length: 20 }, (_, more) =>
        server.call("PUT", `/v1/end-users/user-${n + more}/credentials`, { redditSession: `value-${n + more}` }),
      ),
    );
});
afterAll(async () => {
  await database.end();
  await server.stop();
  await data.remove();
});

const cli = (...args: string[]) => runCli(args, { STABLEHAND_DATA_DIR: data.dir });
const status = async () =>
  JSON.parse((await cli("vault", "status", "--json")).stdout) as {
    keys: { keyId: string; current: boolean; endUsers: number }[];
    waiting: number;
    rotationsWaiting: number;
    run: { resealed: number; rotated: number; unreadable: number } | null;
  };

async function killWorker(before: number): Promise<number> {
  let pid = -1;
  await expect
    .poll(
      () => {
        pid = findProgram("worker", data.dir)?.pid ?? -1;
        return pid;
      },
      { timeout: 30_000 },
    )
    .not.toBe(before);
  process.kill(pid, "SIGKILL");
  return pid;
}

/** Lets the work go on until fewer than `left` wait, and says how many do. */
async function until(waiting: () => Promise<number>, left: number): Promise<void> {
  await expect.poll(waiting, { timeout: 60_000, interval: 50 }).toBeLessThan(left);
}

async function openAll(): Promise<Map<string, string>> {
  const files = { keyringFile: join(data.dir, "worker/keyring.json"), keyFile: join(data.dir, "worker/vault.key") };
  const keyring = await openKeyring(files.keyringFile, fileKeyProvider(files.keyFile));
  const keys = (await database.query<KeyRow>("SELECT * FROM end_user_keys")).rows;
  return openRows(keys, (await database.query<ValueRow>("SELECT * FROM credentials")).rows, keyring.keys);
}

async function countRows(where: string): Promise<number> {
  const { rows } = await database.query(`SELECT count(*) FROM end_user_keys WHERE ${where}`);
  return Number(rows[0].count);
}

test("re-sealing goes on after kill -9 of its worker, without doing anything twice or leaving anything out", async () => {
  const before = await openAll();
  expect(before.size).toBe(endUsers);
  const [old] = (await status()).keys;
  const { stdout } = await cli("vault", "rotate", "--json");
  const { current } = JSON.parse(stdout) as { current: string };
  const waiting = () => countRows(`keyring_key_id <> '\\x${current}'`);
  const refused = await cli("vault", "retire", old?.keyId ?? "");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("still holds the keys of")]);

  await until(waiting, endUsers - 100);
  let killed = await killWorker(-1);
  const left = await waiting();
  expect(left, "the control: it was killed in the middle").toBeGreaterThan(endUsers / 2);
  expect(left).toBe(await waiting());
  await until(waiting, left - 100);
  killed = await killWorker(killed);
  expect(await waiting()).toBeGreaterThan(0);

  const following = await cli("vault", "status", "--follow");
  expect([following.code, following.stderr]).toEqual([0, ""]);
  expect(following.stdout).toMatch(/\d+ keys and secrets wait for re-sealing; \d+ done by .*\nnothing waits/s);
  const after = await status();
  expect(after.keys).toMatchObject([{ endUsers: 0 }, { keyId: current, current: true, endUsers }]);
  expect(after.run?.resealed, "the last worker went on; it did not begin anew").toBeLessThan(endUsers - 200);
  expect(await openAll()).toEqual(before);
}, 180_000);

test("giving everyone a new key goes on after kill -9 too, and the access log has every one", async () => {
  const before = await openAll();
  const waiting = async () => (await status()).rotationsWaiting;
  const { stdout } = await cli("vault", "rotate-end-user", "--all", "--business", "default", "--json");
  expect(JSON.parse(stdout)).toEqual({ asked: endUsers });
  await until(waiting, endUsers - 100);
  await killWorker(-1);
  expect(await waiting()).toBeGreaterThan(0);
  const following = await cli("vault", "status", "--follow", "--json");
  expect([following.code, following.stderr]).toEqual([0, ""]);
  const last = JSON.parse(following.stdout.trim().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ waiting: 0, rotationsWaiting: 0 });
  expect(await openAll()).toEqual(before);
  const { rows } = await database.query(
    `SELECT (SELECT count(*) FROM destroyed_keys) AS destroyed,
            (SELECT count(DISTINCT end_user_id) FROM credential_access WHERE action = 'rekey') AS logged`,
  );
  expect(rows).toEqual([{ destroyed: String(endUsers), logged: String(endUsers) }]);
}, 180_000);

test("one end-user's key, by name; who has none, or is not named rightly, is told so", async () => {
  const key = async () => (await database.query("SELECT key_id FROM end_user_keys WHERE end_user_id = 'user-7'")).rows;
  const before = await key();
  const done = await cli("vault", "rotate-end-user", "user-7", "--business", "default");
  expect([done.code, done.stdout]).toEqual([0, "user-7 has a new key; the old one is destroyed.\n"]);
  expect(await key()).not.toEqual(before);
  for (const [args, says] of [
    [["nobody", "--business", "default"], "default has no end-user nobody"],
    [["user-7", "--business", "none"], "There is no business named none"],
    [["user-7"], "Name an end-user and their --business"],
    [["user-7", "--all"], "Name an end-user and their --business"],
  ] as const) {
    const { code, stderr } = await cli("vault", "rotate-end-user", ...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(says)]);
  }
});

test("a keyring key that no row uses can be retired, and then opens nothing; the current one cannot", async () => {
  const { keys } = await status();
  const [old, current] = keys;
  const refused = await cli("vault", "retire", current?.keyId ?? "");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is the current key")]);
  for (let times = 0; times < 2; times++) {
    const { code, stdout } = await cli("vault", "retire", old?.keyId ?? "", "--json");
    expect([code, stdout]).toEqual([0, `${JSON.stringify({ retired: [old?.keyId] })}\n`]);
  }
  expect((await status()).keys).toMatchObject([{ keyId: current?.keyId, endUsers }]);
  const files = { keyringFile: join(data.dir, "worker/keyring.json"), keyFile: join(data.dir, "worker/vault.key") };
  const keyring = await openKeyring(files.keyringFile, fileKeyProvider(files.keyFile));
  expect([...keyring.keys.keys()]).toEqual([current?.keyId]);
});

test("a restore that is killed with kill -9 changes nothing, and the next one does it", async () => {
  const files = ["--values", join(data.dir, "values"), "--keys", join(data.dir, "keys")];
  expect((await cli("backup", ...files)).code).toBe(0);
  const again = await cli("backup", ...files);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("exists: name a new file")]);
  await database.query("DELETE FROM credentials");
  const broken = cli("restore", ...files);
  const isAtWork = async () =>
    (
      await database.query(
        "SELECT FROM pg_stat_activity WHERE application_name = 'stablehand-backup' AND query LIKE '%staged_%'",
      )
    ).rowCount;
  await expect.poll(isAtWork, { timeout: 30_000, interval: 1 }).toBe(1);
  const restoring = findProcess((args) => args.includes("restore") && args.includes(join(data.dir, "values")));
  if (!restoring) throw new Error("it is at work");
  process.kill(restoring.pid, "SIGKILL");
  expect((await broken).code, "the control: it was killed").toBeNull();
  expect((await database.query("SELECT FROM credentials")).rowCount).toBe(0);
  const { code, stdout } = await cli("restore", ...files, "--json");
  expect([code, JSON.parse(stdout).restored.values]).toEqual([0, endUsers]);
  expect((await openAll()).size).toBe(endUsers);
});
