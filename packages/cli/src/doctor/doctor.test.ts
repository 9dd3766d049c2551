import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initVault } from "@stablehand/vault/custody";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolvePlaces } from "../places.ts";
import { checkDatabase, judgeDatabase } from "./check-database.ts";
import { checkKeyring } from "./check-keyring.ts";
import { checkChromium, checkDisk, checkDisplay, checkNode } from "./check-machine.ts";
import { checkModel } from "./check-model.ts";

let directory: string;
let status = 200;
let sentKey: string | undefined;
const model = createServer((request, response) => {
  sentKey = request.headers.authorization;
  response.writeHead(request.url === "/v1/models" ? status : 404).end("{}");
});
let baseUrl: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stablehand-doctor-"));
  await new Promise<void>((resolve) => model.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`; // it listens on a port
});
afterAll(() => {
  model.close();
  rmSync(directory, { recursive: true });
});

const placesIn = (name: string) =>
  resolvePlaces({ STABLEHAND_DATA_DIR: join(directory, name) }, { cwd: directory, isRoot: false, checkout: directory });

test("node: an older one is a problem with a remedy", () => {
  expect(checkNode("v24.21.0").state).toBe("ok");
  expect(checkNode("v20.1.0")).toMatchObject({ state: "problem", remedy: expect.stringContaining("npm ci") });
});

test("chromium: one that does not run is a problem", async () => {
  const broken = join(directory, "chromium");
  writeFileSync(broken, "#!/bin/sh\necho no such library >&2\nexit 127\n");
  chmodSync(broken, 0o755);
  const search = { isRoot: false, programDir: directory, browsersDir: directory, usualPlaces: [] };
  const found = await checkChromium({ ...search, env: { CHROMIUM_PATH: broken } });
  expect(found).toMatchObject({ state: "problem", says: expect.stringContaining("no such library") });
  writeFileSync(broken, "#!/bin/sh\necho Chromium 1.2\n");
  expect(await checkChromium({ ...search, env: { CHROMIUM_PATH: broken } })).toMatchObject({ state: "ok" });
});

test("display: only headful browsers need one", async () => {
  expect((await checkDisplay({})).state).toBe("ok");
  expect((await checkDisplay({ BROWSER_MODE: "headful", DISPLAY: ":1" })).state).toBe("ok");
  const none = await checkDisplay({ BROWSER_MODE: "headful", PATH: directory });
  expect(none).toMatchObject({ state: "problem", remedy: expect.stringContaining("xvfb") });
});

test("database: none yet is well, one that does not answer is a problem that names what to correct", async () => {
  expect(await checkDatabase({}, placesIn("fresh"))).toMatchObject([{ state: "ok" }]);
  const url = "postgres://someone:hidden-password@127.0.0.1:1/none";
  process.env.DATABASE_URL = url;
  const findings = await checkDatabase({ DATABASE_URL: url }, placesIn("fresh"));
  delete process.env.DATABASE_URL;
  expect(findings).toMatchObject([{ state: "problem", remedy: expect.stringContaining("DATABASE_URL") }]);
  expect(JSON.stringify(findings)).not.toContain("hidden-password");
});

test("database: an old one is a problem, an old schema and another time are warnings, each with a remedy", () => {
  const now = new Date("2026-11-24T12:00:00Z");
  const judge = (more: object, here = now) =>
    judgeDatabase({ version: 150_004, now, isMigrated: true, ...more }, here).map(({ state, remedy }) => [
      state,
      remedy,
    ]);
  expect(judge({})).toEqual([
    ["ok", undefined],
    ["ok", undefined],
  ]);
  expect(judge({ version: 149_999 })).toEqual([["problem", "Use 15 or newer."]]);
  expect(judge({ isMigrated: false })[0]).toEqual(["warning", expect.stringContaining("migrate")]);
  for (const seconds of [-6, 6])
    expect(judge({}, new Date(now.getTime() + seconds * 1_000))[1]).toEqual([
      "warning",
      expect.stringContaining("NTP"),
    ]);
});

test("keyring: none yet is well, and so is one that opens; without its key file it is a problem", async () => {
  const places = placesIn("vault");
  expect((await checkKeyring(places)).state).toBe("ok");
  await initVault(places.vault);
  expect(await checkKeyring(places)).toMatchObject({ state: "ok", says: "it opens, with 1 key" });
  rmSync(places.vault.keyFile);
  expect(await checkKeyring(places)).toMatchObject({ state: "problem", remedy: expect.stringContaining("backup") });
});

test("model: its server is asked with the key, which is never shown", async () => {
  const env = { MODEL: "openai-compatible:small", MODEL_BASE_URL: baseUrl, MODEL_API_KEY: "hidden-key" };
  expect((await checkModel(env)).state).toBe("ok");
  expect(sentKey).toBe("Bearer hidden-key");
  status = 401;
  const refused = await checkModel(env);
  expect(refused).toMatchObject({ state: "problem", remedy: "Correct MODEL_API_KEY." });
  status = 500;
  expect((await checkModel(env)).state).toBe("warning");
  const away = await checkModel({ ...env, MODEL_BASE_URL: "http://127.0.0.1:1/v1" });
  expect(away).toMatchObject({ state: "problem", says: "127.0.0.1:1 does not answer" });
  expect(JSON.stringify([refused, away])).not.toContain("hidden-key");
  expect((await checkModel({})).state).toBe("warning");
  expect((await checkModel({ MODEL: "psychic:x" })).state).toBe("problem");
  expect((await checkModel({ MODEL: "anthropic:x" })).remedy).toBe("Set MODEL_API_KEY.");
});

test("disk: the place counts where the data will be made, and too little room there is a problem", async () => {
  const place = join(directory, "not", "there", "yet");
  expect(await checkDisk(place, 1)).toMatchObject({ state: "ok", says: expect.stringContaining("GiB are free") });
  const full = await checkDisk(place, Number.MAX_SAFE_INTEGER);
  expect(full).toMatchObject({ state: "problem", remedy: expect.stringContaining("STABLEHAND_DATA_DIR") });
});
