import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeOpenTempDir, postgresSetup } from "../../../tests/support/postgres.ts";
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./embedded-postgres.ts";

const fixture = join(import.meta.dirname, "fixtures", "start-postgres.ts");

let temp: { dir: string; remove(): Promise<void> };
let options: EmbeddedPostgresOptions;
let started: EmbeddedPostgres[];

beforeEach(async () => {
  temp = await makeOpenTempDir();
  options = { dir: join(temp.dir, "postgres"), ...(await postgresSetup(temp.dir)) };
  started = [];
});

afterEach(async () => {
  for (const postgres of started) await postgres.stop();
  await temp.remove();
});

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres(options);
  started.push(postgres);
  return postgres;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(options.dir, "cluster", "postmaster.pid"), "utf8")).split("\n")[0]);
}

describe("the first start", () => {
  test("gives a checksummed UTF-8 database that sorts the same on every machine", async () => {
    const { url, adopted } = await start();
    expect(adopted).toBe(false);
    const [row] = await query(
      url,
      `select current_setting('data_checksums') checksums, datlocprovider provider, datlocale locale,
         pg_encoding_to_char(encoding) encoding, upper('ä') upper, current_setting('server_version_num')::int / 10000 major
       from pg_database where datname = current_database()`,
    );
    const locale = { provider: "b", locale: "C.UTF-8", encoding: "UTF8", upper: "Ä" };
    expect(row).toEqual({ checksums: "on", ...locale, major: 18 });
  });

  test("lets nobody in with another password, as superuser, or to files of the machine", async () => {
    const { url } = await start();
    const other = new URL(url);
    other.password = "guess";
    await expect(query(other.href, "select 1")).rejects.toThrow(/password authentication failed/);
    await expect(query(url.replace("//stablehand:", "//postgres:"), "select 1")).rejects.toThrow(/pg_hba/);
    await expect(query(url, "select pg_read_file('/etc/hostname')")).rejects.toThrow(/permission denied/);
    await expect(query(url, "copy (select 1) to program 'true'")).rejects.toThrow(/permission denied/);
  });
});

test("a second start has the same data, password and port, after a clean stop", async () => {
  const first = await start();
  await query(first.url, "create table kept (n int)");
  await first.stop();
  expect(await first.isRunning()).toBe(false);
  const second = await start();
  expect(second).toMatchObject({ url: first.url, port: first.port, adopted: false });
  expect(await query(second.url, "select * from kept")).toEqual([]);
});

test("a server left over by a starter killed with kill -9 is adopted, not started twice, and can be stopped", async () => {
  const starter = spawn(process.execPath, [fixture, JSON.stringify(options)]);
  const [line] = await once(starter.stdout, "data");
  const { url } = JSON.parse(String(line));
  starter.kill("SIGKILL");
  await once(starter, "exit");
  const pid = await postmasterPid();
  const postgres = await start();
  expect(postgres).toMatchObject({ url, adopted: true });
  expect(await postmasterPid()).toBe(pid);
  await postgres.stop();
  expect(await postgres.isRunning()).toBe(false);
});

test("a server that was killed with kill -9 itself comes back with what was committed", async () => {
  const first = await start();
  await query(first.url, "create table kept (n int); insert into kept values (1)");
  process.kill(await postmasterPid(), "SIGKILL");
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await query(second.url, "select n from kept")).toEqual([{ n: 1 }]);
});

test("a postmaster.pid that names somebody else's living process does not keep it from starting", async () => {
  const first = await start();
  const file = join(options.dir, "cluster", "postmaster.pid");
  const lines = await readFile(file, "utf8");
  await first.stop();
  await writeFile(file, lines.replace(/^\d+/, String(process.pid)));
  expect(await start()).toMatchObject({ adopted: false, url: first.url });
});

test("a port that something else took meanwhile is replaced by another", async () => {
  const first = await start();
  await first.stop();
  const thief = createServer().listen(first.port, "127.0.0.1");
  await once(thief, "listening");
  const second = await start();
  expect(second.port).not.toBe(first.port);
  await query(second.url, "select 1");
  thief.close();
  await second.stop();
  expect((await start()).port).toBe(second.port);
});

test("a first start interrupted with kill -9 leaves nothing that keeps the next from working", async () => {
  const starter = spawn(process.execPath, [fixture, JSON.stringify(options)]);
  const isInitialising = async () => (await readdir(temp.dir)).some((name) => name.startsWith("postgres.init-"));
  await expect.poll(isInitialising, { interval: 5, timeout: 10_000 }).toBe(true);
  starter.kill("SIGKILL");
  await once(starter, "exit");
  await query((await start()).url, "select 1");
  expect(await isInitialising()).toBe(false);
});

describe("a directory that cannot be used is refused with a sentence", () => {
  test("one that Stablehand did not make", async () => {
    await mkdir(options.dir);
    await writeFile(join(options.dir, "precious.txt"), "");
    await expect(start()).rejects.toThrow(/is no database that Stablehand made. Move it away/);
  });

  test("one of another PostgreSQL", async () => {
    await (await start()).stop();
    await writeFile(join(options.dir, "cluster", "PG_VERSION"), "17\n");
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17, and this release brings PostgreSQL 18.*pg_dump/);
  });

  test("one below something that is no directory", async () => {
    await writeFile(join(temp.dir, "file"), "");
    options = { ...options, dir: join(temp.dir, "file", "postgres") };
    await expect(start()).rejects.toThrow(/cannot write where its data should go/);
  });
});
