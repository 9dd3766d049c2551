import { chmod, link, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isOpenToOthers } from "./places.ts";
import { placeProgram } from "./program-place.ts";

let dir: string;
let checkout: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "place-"));
  await chmod(dir, 0o755);
  checkout = join(dir, "closed");
  await mkdir(join(checkout, "packages", "api"), { recursive: true });
  await mkdir(join(checkout, "node_modules", "@stablehand"), { recursive: true });
  await mkdir(join(checkout, "node_modules", ".cache", "tool"), { recursive: true });
  await mkdir(join(checkout, "docs"));
  for (const file of ["package.json", "SECURITY.md", ".env.example"]) await writeFile(join(checkout, file), "{}");
  await writeFile(join(checkout, "packages", "api", "main.ts"), "one");
  await symlink("../../packages/api", join(checkout, "node_modules", "@stablehand", "api"));
});

afterEach(() => rm(dir, { recursive: true }));

test("a checkout that other users can enter is used as it is", async () => {
  expect(placeProgram(checkout, join(dir, "staged"))).toBe(checkout);
});

test("a closed checkout is staged where others can enter, links between packages included", async () => {
  await chmod(checkout, 0o700);
  const staged = placeProgram(checkout, join(dir, "staged"));
  expect(staged).toBe(join(dir, "staged"));
  expect(await readFile(join(staged, "node_modules/@stablehand/api/main.ts"), "utf8")).toBe("one");
  expect(isOpenToOthers(join(staged, "packages/api"))).toBe(true);
  await expect(stat(join(staged, "node_modules/.cache")), "what tools keep there").rejects.toThrow("ENOENT");
});

test("a changed checkout is staged anew, and what an interrupted staging left is cleared", async () => {
  await chmod(checkout, 0o700);
  const staged = placeProgram(checkout, join(dir, "staged"));
  await rm(join(checkout, "packages", "api", "main.ts"));
  await writeFile(join(checkout, "packages", "api", "other.ts"), "two");
  await mkdir(join(dir, "staged.new", "half"), { recursive: true });
  placeProgram(checkout, staged);
  expect(await readFile(join(staged, "packages/api/other.ts"), "utf8")).toBe("two");
  for (const gone of ["staged/packages/api/main.ts", "staged.new", "staged.old"]) {
    await expect(stat(join(dir, gone))).rejects.toThrow("ENOENT");
  }
});

test("a file closed to others is staged readable, and the original keeps its mode", async () => {
  const secret = join(checkout, "packages", "api", "main.ts");
  await chmod(secret, 0o600);
  await link(secret, join(checkout, "packages", "api", "twin.ts"));
  await chmod(checkout, 0o700);
  const staged = placeProgram(checkout, join(dir, "staged"));
  expect((await stat(join(staged, "packages/api/main.ts"))).mode & 0o777).toBe(0o644);
  expect((await stat(secret)).mode & 0o777).toBe(0o600);
});
