import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findChromium } from "./find-chromium.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "chromium-"));
  await chmod(dir, 0o755);
});

afterEach(() => rm(dir, { recursive: true }));

async function put(name: string, text: string, mode = 0o755): Promise<string> {
  const path = join(dir, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

function search(env: NodeJS.ProcessEnv, usualPlaces: string[] = [], isRoot = false) {
  return findChromium({ env, isRoot, programDir: dir, browsersDir: join(dir, "browsers"), usualPlaces });
}

const binary = "\x7fELF…";
const script = "#!/bin/sh\nexec chromium\n";

test("CHROMIUM_PATH wins, even over the system's, and may be a wrapper", async () => {
  const system = await put("chromium", binary);
  const mine = await put("mine", script);
  expect(await search({ CHROMIUM_PATH: mine }, [system])).toEqual({ path: mine, from: "CHROMIUM_PATH" });
});

test("a CHROMIUM_PATH that is no executable file is an error, never a silent other browser", async () => {
  const system = await put("chromium", binary);
  const missing = join(dir, "missing");
  await expect(search({ CHROMIUM_PATH: missing }, [system])).rejects.toThrow(/there is no such file.*leave it out/);
  await expect(search({ CHROMIUM_PATH: dir }, [system])).rejects.toThrow(/that is no file/);
  const plain = await put("plain", binary, 0o644);
  await expect(search({ CHROMIUM_PATH: plain }, [system])).rejects.toThrow(/cannot be executed/);
});

test("root's worker is another user: a browser closed to others is refused when named and skipped when found", async () => {
  const hidden = await put("hidden/chromium", binary);
  await chmod(join(dir, "hidden"), 0o700);
  await expect(search({ CHROMIUM_PATH: hidden }, [], true)).rejects.toThrow(/other users/);
  expect(await search({}, [hidden], true)).toBeNull();
  expect(await search({}, [hidden], false)).toEqual({ path: hidden, from: "system" });
});

test("of the system's browsers the real binary is taken, not a wrapper script", async () => {
  const wrapper = await put("bin/chromium", script);
  const real = await put("lib/chromium", binary);
  expect(await search({ PATH: dirname(wrapper) }, [wrapper, real])).toEqual({ path: real, from: "system" });
  expect(await search({ PATH: dirname(wrapper) }, [wrapper])).toBeNull();
});

test("a command on the PATH counts when it leads to a binary", async () => {
  const real = await put("lib/real", binary);
  await mkdir(join(dir, "bin"));
  await symlink(real, join(dir, "bin", "google-chrome"));
  expect(await search({ PATH: join(dir, "bin") })).toEqual({ path: real, from: "system" });
});

test("Playwright's own browser is the last resort", async () => {
  const own = await put("own/chrome", binary);
  await put(
    "node_modules/playwright-core/index.js",
    `exports.chromium = { executablePath: () => ${JSON.stringify(own)} }`,
  );
  expect(await search({})).toEqual({ path: own, from: "playwright" });
  await chmod(own, 0o644);
  expect(await search({})).toBeNull();
});
