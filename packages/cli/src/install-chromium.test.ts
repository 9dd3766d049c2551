import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureChromium } from "./install-chromium.ts";

let dir: string;
let said: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "install-"));
  await chmod(dir, 0o755);
  said = [];
  await mkdir(join(dir, "node_modules", "playwright-core"), { recursive: true });
  const browser = JSON.stringify(join(dir, "chrome"));
  await put("index.js", `exports.chromium = { executablePath: () => ${browser} }`);
});

afterEach(() => rm(dir, { recursive: true }));

function put(name: string, text: string): Promise<void> {
  return writeFile(join(dir, "node_modules", "playwright-core", name), text);
}

function ensure(signal?: AbortSignal) {
  const search = { env: {}, isRoot: false, programDir: dir, browsersDir: join(dir, "browsers"), usualPlaces: [] };
  return ensureChromium(search, { log: (line) => said.push(line), ...(signal && { signal }) });
}

test("a Chromium that is there is used, and nothing is installed or said", async () => {
  await writeFile(join(dir, "chrome"), "\x7fELF", { mode: 0o755 });
  expect(await ensure()).toEqual({ path: join(dir, "chrome"), from: "playwright" });
  expect(said).toEqual([]);
});

test("without one, an ordinary user gets Playwright's, and is told of the download", async () => {
  const browser = JSON.stringify(join(dir, "chrome"));
  await put("cli.js", `require("fs").writeFileSync(${browser}, "\\x7fELF", { mode: 0o755 })`);
  expect(await ensure()).toEqual({ path: join(dir, "chrome"), from: "playwright" });
  expect(said.at(-1)).toMatch(/downloading/);
});

test("when nothing can be installed, the sentence says why and what to do", async () => {
  await put("cli.js", `console.error("no network here"); process.exit(1)`);
  await expect(ensure()).rejects.toThrow(/no network here[\s\S]*Install one .* or set CHROMIUM_PATH/);
});

test("being asked to stop ends the installation", async () => {
  await put("cli.js", "setInterval(() => {}, 1000)");
  await expect(ensure(AbortSignal.timeout(300))).rejects.toThrow();
});
