import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeKeyring, openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { type KeyRow, openRows, type ValueRow } from "../support/open-stored.ts";
import { makeDataDir, runCli, startServer, type TestServer } from "../support/server.ts";

const text = readFileSync(join(checkout, "docs/custody-drill.md"), "utf8");
const commands = [...text.matchAll(/^npm run stablehand -- (.*)$/gm)].map(([, command = ""]) => command);

let data: Awaited<ReturnType<typeof makeDataDir>>;
let server: TestServer;
let database: pg.Client;
const endUsers = 60;
const at = (n: number) => `/v1/end-users/user-${n}/credentials`;

beforeAll(async () => {
  data = await makeDataDir();
  server = await startServer(data.dir, { BROWSER_PREWARM: "0" });
  database = new pg.Client({ connectionString: readFileSync(join(data.dir, "database.url"), "utf8").trim() });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await server.stop();
  await data.remove();
});

const keyRows = async () => (await database.query<KeyRow>("SELECT * FROM end_user_keys")).rows;
const valueRows = async () => (await database.query<ValueRow>("SELECT * FROM credentials")).rows;
const upload = (n: number, value: string) => server.call("PUT", at(n), { redditSession: value, twitterCt0: value });

test("the drill for a leaked worker, command by command: what was stolen opens nothing that is stored, nothing is lost", async () => {
  for (let n = 0; n < endUsers; n++) await upload(n, `before-${n}`);
  const vault = { keyringFile: join(data.dir, "worker/keyring.json"), keyFile: join(data.dir, "worker/vault.key") };
  const stolenDir = join(data.dir, "stolen");
  mkdirSync(stolenDir);
  const stolen = { keyringFile: join(stolenDir, "keyring.json"), keyFile: join(stolenDir, "vault.key") };
  for (const name of ["keyringFile", "keyFile"] as const) copyFileSync(vault[name], stolen[name]);
  const thief = await openKeyring(stolen.keyringFile, fileKeyProvider(stolen.keyFile));
  const stolenKeys = await keyRows();
  expect(openRows(stolenKeys, await valueRows(), thief.keys).size, "the control: it was all open").toBe(endUsers * 2);

  expect(commands).toEqual([
    "vault new-key-file",
    "vault rotate",
    "vault status --follow",
    "vault rotate-end-user --all",
    "vault status --follow",
    "vault status",
    "vault retire --unused",
    expect.stringMatching(/^backup /),
  ]);
  let uploads = 0;
  for (const [index, command] of commands.entries()) {
    const running = runCli(
      command.split(" ").map((arg) => (arg.endsWith(".backup") ? join(data.dir, arg) : arg)),
      { STABLEHAND_DATA_DIR: data.dir },
    );
    // Meanwhile end-users go on uploading, old ones and new.
    for (const n of [index, endUsers + index]) {
      const { status } = await upload(n, `during-${n}`);
      expect(status).toBe(200);
      uploads += 1;
    }
    const { code, stderr } = await running;
    expect([command, code, stderr]).toEqual([command, 0, ""]);
  }
  expect(uploads).toBe(commands.length * 2);

  const keyring = await openKeyring(vault.keyringFile, fileKeyProvider(vault.keyFile));
  const [keys, values] = [await keyRows(), await valueRows()];
  expect(values).toHaveLength((endUsers + commands.length) * 2);
  const opened = openRows(keys, values, keyring.keys);
  expect(opened.size, "nothing is lost").toBe(values.length);
  for (const row of values) {
    const n = Number(row.end_user_id.replace("user-", ""));
    const when = n < commands.length || n >= endUsers ? "during" : "before";
    expect(opened.get(`${row.business_id}/${row.end_user_id}/${row.field}`)).toBe(`${when}-${n}`);
  }

  expect(describeKeyring(vault.keyringFile).keys).toHaveLength(1);
  expect(openRows(keys, values, thief.keys).size, "the stolen keyring opens none of today's keys").toBe(0);
  expect(openRows(stolenKeys, values, thief.keys).size, "nor do the keys that the thief has of then").toBe(0);
  await expect(openKeyring(vault.keyringFile, fileKeyProvider(stolen.keyFile))).rejects.toThrow("does not fit");
  for (const name of ["values-after-leak.backup", "keys-after-leak.backup"])
    expect(existsSync(join(data.dir, name))).toBe(true);
});
