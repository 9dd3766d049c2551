import { spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { credentialFieldNames } from "@stablehand/contract";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importPrivateKey } from "../../packages/vault/src/x25519.ts";
import { type KeyRow, openRows, openValueRow, type ValueRow } from "../support/open-stored.ts";
import { findProgram } from "../support/processes.ts";
import { makeDataDir, startServer, type TestServer } from "../support/server.ts";

// Proof 1, on a running server: what its API has, as the process that it is, and every row of every table.

let data: Awaited<ReturnType<typeof makeDataDir>>;
let server: TestServer;
let database: pg.Client;
const apiProcess = () => {
  const found = findProgram("api", data.dir);
  if (!found) throw new Error("the API runs");
  return found;
};
const fields = credentialFieldNames.slice(0, 10);
const endUsers = 1_000;

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

/** Every file of this installation that the API's process can read, its own program apart, as Node started like it says. */
function readableFiles(): string {
  const { env, args, uid, gid } = apiProcess();
  const [command = "", ...flags] = args.filter((arg, index) => index === 0 || arg.startsWith("--"));
  const walk = `
    const fs = require("node:fs"), path = require("node:path");
    const walk = (at) => {
      try { for (const name of fs.readdirSync(at)) if (name !== "program" && name !== "node_modules") walk(path.join(at, name)); } catch {}
      try { process.stdout.write(at + "\\n" + fs.readFileSync(at, "latin1") + "\\n"); } catch {}
    };
    for (const at of process.argv.slice(1)) walk(at);`;
  const publicKeyring = join(data.dir, "keyring.public.json");
  const result = spawnSync(
    command,
    [...flags, "-e", walk, data.dir, publicKeyring, join(data.dir, "worker/vault.key")],
    {
      cwd: "/",
      env: Object.fromEntries(
        env.split("\0").flatMap((line) => (line.includes("=") ? [line.split(/=(.*)/s).slice(0, 2)] : [])),
      ),
      ...(process.getuid?.() === 0 && { uid, gid }),
      encoding: "latin1",
      maxBuffer: 256 * 1024 * 1024,
      timeout: 60_000,
    },
  );
  expect(result.stdout, "the control: it read what an API needs").toContain('"current"');
  return result.stdout;
}

/** All rows of all tables, as text. */
async function dump(): Promise<string> {
  const { rows: tables } = await database.query(
    `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  let text = "";
  for (const { name } of tables) {
    const { rows } = await database.query(`SELECT row_to_json(t)::text AS row FROM ${name} AS t`);
    text += rows.map(({ row }) => row).join("\n");
  }
  return text;
}

/** Every 32 bytes that stand somewhere in a text: raw, in hex, in base64 and base64url, at whatever place. */
function* keysIn(text: string, sliding: boolean): Generator<Buffer> {
  if (sliding) {
    const bytes = Buffer.from(text, "latin1");
    for (let at = 0; at + 32 <= bytes.length; at++) yield bytes.subarray(at, at + 32);
  }
  for (const [run = ""] of text.matchAll(/[0-9a-fA-F]{64,}/g)) {
    const bytes = Buffer.from(run, "hex");
    // Within long ciphertext a key could begin at any byte; what stands by itself is a key or none.
    const starts = bytes.length <= 64 ? bytes.length - 31 : 1;
    for (let at = 0; at < starts; at++) yield bytes.subarray(at, at + 32);
  }
  for (const [run = ""] of text.replace(/\\x[0-9a-f]+/g, "").matchAll(/[A-Za-z0-9+/_-]{43,}/g))
    for (let at = 0; at + 43 <= Math.min(run.length, 64); at++) {
      const bytes = Buffer.from(run.slice(at, at + 43), "base64url");
      if (bytes.length === 32) yield bytes;
    }
}

/** Those of the candidates that are the private half of one of the public keys, by public key in hex. */
function privateKeysAmong(candidates: Iterable<Buffer>, publicKeys: ReadonlySet<string>): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const seen = new Set<string>();
  for (const candidate of candidates) {
    const name = candidate.toString("hex");
    if (seen.has(name)) continue;
    seen.add(name);
    const publicKey = createPublicKey(importPrivateKey(candidate)).export({ format: "raw-public" }).toString("hex");
    if (publicKeys.has(publicKey)) found.set(publicKey, Buffer.from(candidate));
  }
  return found;
}

test("proof 1: with the whole database, and the API's environment and disk, 0 of 10,000 values open", async () => {
  for (let n = 0; n < endUsers; n += 20)
    await Promise.all(
      Array.from({ length: 20 }, async (_, offset) => {
        const values = Object.fromEntries(fields.map((field) => [field, `CANARY-${n + offset}-${field}`]));
        const { status } = await server.call("PUT", `/v1/end-users/user-${n + offset}/credentials`, values);
        expect(status).toBe(200);
      }),
    );
  const keys = (await database.query<KeyRow>("SELECT * FROM end_user_keys")).rows;
  const values = (await database.query<ValueRow>("SELECT * FROM credentials")).rows;
  expect(values).toHaveLength(10_000);

  const vault = { keyringFile: join(data.dir, "worker/keyring.json"), keyFile: join(data.dir, "worker/vault.key") };
  const keyring = await openKeyring(vault.keyringFile, fileKeyProvider(vault.keyFile));
  expect(openRows(keys, values, keyring.keys).size, "the control: with the worker's key all of them open").toBe(10_000);

  const own = `${apiProcess().env}\n${readableFiles()}`;
  const everything = `${own}\n${await dump()}`;
  for (const secret of [vault.keyFile, vault.keyringFile].map((path) => readFileSync(path, "utf8").trim()))
    expect(everything.includes(secret), "neither of the worker's files is among it").toBe(false);
  expect(everything).not.toContain("CANARY");

  const publicKeys = new Set(
    [...keys.map((row) => row.public_key), keyring.current.publicKey].map((key) => key.toString("hex")),
  );
  const search = (more: string) =>
    privateKeysAmong([...keysIn(own, true), ...keysIn(everything + more, false)], publicKeys);
  const [privateKey] = keyring.keys.values();
  const planted = privateKey?.export({ format: "raw-private" }).toString("base64url") ?? "";
  expect(search(` ${planted} `).size, "the control: a private key among it would be found").toBe(1);
  const found = search("");
  expect(found.size, "no 32 bytes of it are the private half of any key").toBe(0);

  // And what an attacker would try without thinking: each public key as if it were the private one.
  const guessed = new Map([[keyring.current.keyId.toString("hex"), importPrivateKey(keyring.current.publicKey)]]);
  expect(openRows(keys, values, guessed).size).toBe(0);
  let opened = 0;
  const keyOf = new Map(keys.map((row) => [row.end_user_id, row]));
  for (const row of values) {
    const key = keyOf.get(row.end_user_id);
    if (!key) throw new Error("each end-user has a key");
    const guess = { keyId: key.key_id, privateKey: importPrivateKey(key.public_key) };
    if (openValueRow(row, guess) !== null) opened += 1;
  }
  expect(opened).toBe(0);
}, 180_000);
