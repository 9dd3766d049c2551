import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isOpenToOthers, resolvePlaces } from "./places.ts";

let open: string;
let closed: string;

beforeEach(async () => {
  open = await mkdtemp(join(tmpdir(), "places-"));
  await chmod(open, 0o755);
  closed = join(open, "closed");
  await mkdir(closed, { mode: 0o700 });
});

afterEach(() => rm(open, { recursive: true }));

test("the data lies under the directory where the command was given", () => {
  expect(resolvePlaces({}, { cwd: open, isRoot: false, checkout: open }).dataDir).toBe(join(open, "data"));
  expect(resolvePlaces({}, { cwd: open, isRoot: true, checkout: open }).dataDir).toBe(join(open, "data"));
  expect(resolvePlaces({}, { cwd: closed, isRoot: false, checkout: closed }).dataDir).toBe(join(closed, "data"));
});

test("root's data goes to /var/lib when other users cannot enter the checkout or the current directory", () => {
  for (const [cwd, checkout] of [
    [closed, closed],
    [open, closed],
    [closed, open],
  ] as const) {
    expect(resolvePlaces({}, { cwd, isRoot: true, checkout }).dataDir).toBe("/var/lib/stablehand/data");
  }
});

test("STABLEHAND_DATA_DIR wins and is relative to the current directory", () => {
  const places = resolvePlaces({ STABLEHAND_DATA_DIR: "mine" }, { cwd: open, isRoot: true, checkout: closed });
  expect(places.dataDir).toBe(join(open, "mine"));
  expect(places.vault).toEqual({
    keyFile: join(open, "mine/worker/vault.key"),
    keyringFile: join(open, "mine/worker/keyring.json"),
    publicKeyringFile: join(open, "mine/keyring.public.json"),
  });
});

test("root is told what to do about a STABLEHAND_DATA_DIR that other users cannot enter; its owner may use it", () => {
  const env = { STABLEHAND_DATA_DIR: join(closed, "mine") };
  expect(() => resolvePlaces(env, { cwd: open, isRoot: true, checkout: open })).toThrow(
    /which other users cannot enter \(.*closed is closed to them\).*Choose another directory/,
  );
  expect(resolvePlaces(env, { cwd: open, isRoot: false, checkout: open }).dataDir).toBe(join(closed, "mine"));
});

test("a path is open only when every part of it is", () => {
  expect(isOpenToOthers(join(open, "not", "yet"))).toBe(true);
  expect(isOpenToOthers(join(closed, "not", "yet"))).toBe(false);
});
