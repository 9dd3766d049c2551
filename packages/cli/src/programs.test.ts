import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chown, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkout } from "../../../tests/support/checkout.ts";
import { makeOpenTempDir, postgresSetup } from "../../../tests/support/postgres.ts";
import { keepRunning, type ProgramSpec } from "./keep-running.ts";
import { resolvePlaces } from "./places.ts";
import { apiProgram, type ProgramSetup, workerProgram } from "./programs.ts";
import { ensureSystemUsers } from "./system-users.ts";

const isRoot = process.getuid?.() === 0;

let temp: { dir: string; remove(): Promise<void> };
let setup: ProgramSetup;

// A program in place of the API that tells how far it gets with each of the things the API may not do.
const probe = `
  import { spawnSync } from "node:child_process";
  import { readFileSync, writeFileSync } from "node:fs";
  import { Worker } from "node:worker_threads";
  const attempt = (action) => { try { action(); return "done"; } catch (error) { return error.code; } };
  const { VAULT_KEY_FILE: key, VAULT_PUBLIC_KEYRING_FILE: keyring } = process.env;
  process.send({ type: "ready", url: JSON.stringify({
    readKeyring: attempt(() => readFileSync(keyring)),
    readOwnCode: attempt(() => readFileSync(import.meta.filename)),
    readKey: attempt(() => readFileSync(key)),
    readKeyElsewhere: attempt(() => readFileSync(key.replace("/worker/", "/worker/../worker/"))),
    readParent: attempt(() => readFileSync("/proc/" + process.ppid + "/environ")),
    write: attempt(() => writeFileSync(keyring + ".mine", "")),
    spawn: attempt(() => { const { error } = spawnSync("cat", [key]); if (error) throw error; }),
    thread: attempt(() => new Worker("0", { eval: true })),
  }) });
`;

beforeEach(async () => {
  temp = await makeOpenTempDir();
  const { programDir: real } = await postgresSetup(temp.dir);
  const programDir = join(temp.dir, "probe");
  await mkdir(join(programDir, "packages", "api", "src"), { recursive: true });
  await writeFile(join(programDir, "packages", "api", "src", "main.ts"), probe);
  await writeFile(join(programDir, "package.json"), `{"type":"module"}`);
  await symlink(join(real, "node_modules"), join(programDir, "node_modules"));
  await symlink(join(real, "packages", "cli"), join(programDir, "packages", "cli"));
  const env = { STABLEHAND_DATA_DIR: join(temp.dir, "data") };
  const places = resolvePlaces(env, { cwd: temp.dir, isRoot, checkout: programDir });
  await mkdir(places.workerDir, { recursive: true });
  await writeFile(places.vault.publicKeyringFile, "{}");
  await writeFile(places.vault.keyFile, "key", { mode: 0o600 });
  const users = isRoot ? await ensureSystemUsers() : undefined;
  if (users) {
    await chown(places.workerDir, users.worker.uid, users.worker.gid);
    await chown(places.vault.keyFile, users.worker.uid, users.worker.gid);
  }
  const operator = { PATH: process.env.PATH, PORT: "1", SECRET: "s", BROWSER_MODE: "shell", NODE_OPTIONS: "--inspect" };
  setup = {
    programDir,
    places,
    databaseUrl: "postgres://db",
    env: operator,
    cwd: temp.dir,
    users,
  };
});

afterEach(() => temp.remove());

async function attempts(spec: ProgramSpec): Promise<Record<string, string>> {
  const program = keepRunning(spec, { onLine() {} });
  try {
    return JSON.parse((await program.firstReady).url ?? "{}");
  } finally {
    await program.stop(500);
  }
}

test("the API reads the public keyring and its code, and nothing else: no key, no writing, no process, no thread", async () => {
  expect(await attempts(apiProgram(setup, "auth-secret"))).toEqual({
    readKeyring: "done",
    readOwnCode: "done",
    readKey: "ERR_ACCESS_DENIED",
    readKeyElsewhere: "ERR_ACCESS_DENIED",
    readParent: "ERR_ACCESS_DENIED",
    write: "ERR_ACCESS_DENIED",
    spawn: "ERR_ACCESS_DENIED",
    thread: "ERR_ACCESS_DENIED",
  });
});

test.runIf(isRoot)("started by root, the operating system alone keeps the API from the key", async () => {
  const spec = apiProgram(setup, "auth-secret");
  const told = await attempts({ ...spec, args: spec.args.filter((argument) => !argument.startsWith("--")) });
  expect(told).toMatchObject({ readKeyring: "done", readKey: "EACCES", readParent: "EACCES", write: "EACCES" });
  expect(told.spawn).toBe("done"); // the control: this time it was not the permission model that refused
});

test("each program's environment has what it needs and nothing else of the operator's", () => {
  expect(Object.keys(apiProgram(setup, "auth-secret").env).sort()).toEqual(
    [
      "AUTH_SECRET",
      "DATABASE_URL",
      "MALLOC_ARENA_MAX",
      "PATH",
      "PORT",
      "VAULT_KEY_FILE",
      "VAULT_PUBLIC_KEYRING_FILE",
    ].sort(),
  );
  expect(workerProgram(setup, { chromiumPath: "/chromium", tmpDir: setup.places.workerTmpDir }).env).toEqual({
    PATH: process.env.PATH,
    BROWSER_MODE: "shell",
    DATABASE_URL: "postgres://db",
    KEY_PROVIDER: "file",
    VAULT_KEYRING_FILE: setup.places.vault.keyringFile,
    VAULT_KEY_FILE: setup.places.vault.keyFile,
    CHROMIUM_PATH: "/chromium",
    MALLOC_ARENA_MAX: "1",
    TMPDIR: setup.places.workerTmpDir,
    HOME: setup.places.workerDir,
  });
});

test("with a key service the worker alone is told of it, and of no key file", () => {
  const env = {
    KEY_PROVIDER: "aws-kms",
    AWS_KMS_KEY: "arn:aws:kms:eu-central-1:111122223333:key/1",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/token",
    TRANSIT_TOKEN_FILE: "/var/run/vault",
    GOOGLE_APPLICATION_CREDENTIALS: "/etc/google.json",
    AWS_ACCESS_KEY_ID: "AKIA",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  const place = { chromiumPath: "/chromium", tmpDir: setup.places.workerTmpDir };
  const worker = workerProgram({ ...setup, env }, place).env;
  expect(worker).toMatchObject(env);
  expect(worker).not.toHaveProperty("VAULT_KEY_FILE");
  for (const name of Object.keys(env))
    expect(apiProgram({ ...setup, env }, "auth-secret").env).not.toHaveProperty(name);
  const assets = { ...env, ASSET_STORE: "s3://bucket" };
  expect(apiProgram({ ...setup, env: assets }, "auth-secret").env, "the control").toHaveProperty("AWS_ACCESS_KEY_ID");
});

test("SIGUSR1, which every process of the same user may send, opens no inspector in what has the key", () => {
  const { args, command, env } = workerProgram(setup, { chromiumPath: "/chromium", tmpDir: setup.places.workerTmpDir });
  const flags = args.filter((arg) => arg.startsWith("--"));
  const wake = "process.kill(process.pid, 'SIGUSR1'); setImmediate(() => console.log(require('node:inspector').url()))";
  const asWorker = spawnSync(command, [...flags, "-e", wake], { env: { ...env }, encoding: "utf8", timeout: 20_000 });
  expect(asWorker.stdout.trim()).toBe("undefined");
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  for (const name of ["start", "stablehand"]) expect(scripts[name]).toContain("--disable-sigusr1");
});
