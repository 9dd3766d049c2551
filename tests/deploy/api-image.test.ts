import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chapters } from "../../packages/api/src/guide/chapters.ts";
import { migrate } from "../../packages/core/src/migrate.ts";
import { buildDashboard } from "../../packages/dashboard/build/build-dashboard.ts";
import { initVault } from "../../packages/vault/src/custody.ts";
import { checkout } from "../support/checkout.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { stepsOf } from "./deploy-files.ts";

// No container runs here: the image's files are laid out in a directory, by the Dockerfile's own COPY and RUN lines.
const directory = mkdtempSync(join(tmpdir(), "image-"));
const app = join(directory, "app");
const keys = join(directory, "keys");
let url = "";
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let api: ChildProcess;
let log = "";

beforeAll(async () => {
  mkdirSync(keys, { recursive: true });
  await buildDashboard();
  for (const { word, rest } of stepsOf("api")) if (word === "COPY") copy(rest);
  execFileSync("cp", ["-al", join(checkout, "node_modules"), join(app, "node_modules")]);
  chmodSync(directory, 0o755);
  await initVault({
    keyFile: join(directory, "elsewhere/vault.key"),
    keyringFile: join(directory, "elsewhere/keyring.json"),
    publicKeyringFile: join(keys, "keyring.public.json"),
  });
  database = await createTestDatabase();
  await migrate(database.url);
  const [program = "", ...flags] = (
    JSON.parse(stepsOf("api").find(({ word }) => word === "CMD")?.rest ?? "[]") as string[]
  ).map((part) => part.replaceAll("=/app", `=${app}`).replaceAll("=/keys", `=${keys}`));
  api = spawn(join(app, program), flags, {
    cwd: app,
    env: {
      DATABASE_URL: database.url,
      AUTH_SECRET: "a-secret-of-tests-alone-0123456789",
      HOST: "127.0.0.1",
      PORT: "0",
      VAULT_PUBLIC_KEYRING_FILE: join(keys, "keyring.public.json"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [api.stdout, api.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  while (url === "") {
    expect(api.exitCode, log).toBeNull();
    await wait(50);
    url = /"url":"([^"]+)"/.exec(log)?.[1] ?? "";
  }
});
afterAll(async () => {
  const ended = new Promise((resolve) => api.once("exit", resolve));
  api.kill();
  await ended;
  await database.drop();
  rmSync(directory, { recursive: true });
});

function copy(rest: string): void {
  const parts = rest.split(" ").filter((part) => !part.startsWith("--"));
  const to = parts.at(-1) ?? "";
  if (rest.includes("--from=api-modules")) copyManifests();
  else if (rest.includes("--from=sealing")) copySealing(to);
  else if (rest.includes("--from=dashboard")) cpSync(join(checkout, to), join(app, to), { recursive: true });
  else
    for (const from of parts.slice(0, -1)) copyWithoutTests(join(checkout, from), join(app, to === "./" ? from : to));
}

function copyManifests(): void {
  for (const { word, rest } of stepsOf("manifests"))
    if (word === "COPY")
      for (const file of rest.split(" ").slice(0, -1)) copyWithoutTests(join(checkout, file), join(app, file));
}

function copySealing(to: string): void {
  copyWithoutTests(join(checkout, "packages/vault/src"), join(app, to));
  const [, removed = ""] = /^rm -r (.*)$/.exec(stepsOf("sealing").find(({ word }) => word === "RUN")?.rest ?? "") ?? [];
  for (const path of removed.split(" ")) rmSync(join(app, to, path.replace(/^\/src\//, "")), { recursive: true });
}

function copyWithoutTests(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, filter: (path) => !/\.test\.ts$|\/fixtures$|\/node_modules$/.test(path) });
}

test("the API's image has the code that seals and none that opens, nor worker or command line", () => {
  const { exports } = JSON.parse(readFileSync(join(checkout, "packages/vault/package.json"), "utf8")) as {
    exports: Record<string, string | { worker: string }>;
  };
  const closed = Object.values(exports).flatMap((target) => (typeof target === "object" ? [target.worker] : []));
  expect(closed.length).toBeGreaterThan(2);
  for (const file of closed)
    expect(existsSync(join(app, "packages/vault", file)), `${file}: remove it in the stage \`sealing\``).toBe(false);
  expect(existsSync(join(app, "packages/vault/src/seal.ts"))).toBe(true);
  for (const name of ["worker", "cli"]) expect(readdirSync(join(app, "packages", name))).toEqual(["package.json"]);
});

test("started by the image's command, under the permission model, it is ready", async () => {
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true });
});

test("it serves the dashboard that its own stage built", async () => {
  const page = await fetch(`${url}/`);
  const [, script = ""] = /src="(\/assets\/[^"]+)"/.exec(await page.text()) ?? [];
  expect([page.status, (await fetch(`${url}${script}`)).status]).toEqual([200, 200]);
});

test("it serves the whole guide, which loads nothing from anywhere", async () => {
  const first = await fetch(`${url}/docs/guide`);
  expect([first.status, first.url]).toEqual([200, `${url}/docs/guide/quickstart`]);
  for (const { slug } of chapters) {
    const page = await fetch(`${url}/docs/guide/${slug}`);
    expect([slug, page.status, page.headers.get("content-type")]).toEqual([slug, 200, "text/html; charset=utf-8"]);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
  }
  const text = await fetch(`${url}/llms.txt`);
  expect([text.status, text.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
  const unknown = await fetch(`${url}/docs/guide/none`);
  expect([unknown.status, await unknown.json()]).toEqual([404, expect.objectContaining({ code: "route_not_found" })]);
  const posted = await fetch(`${url}/docs/guide/x`, { method: "POST" });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});
