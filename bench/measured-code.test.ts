import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BenchRecord, stateOf } from "./bench.ts";
import { measuredCode } from "./measured-code.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stablehand-bench-"));
  write("bench/own.ts", `import { add } from "../src/add.ts";\nimport "fast-package/part";\nconsole.log(add(1, 2));\n`);
  write("src/add.ts", 'export const add = (a: number, b: number) => a + b;\nexport const unused = "a";\n');
  write("src/program.ts", 'console.log((await import("./later.ts")).later);\n');
  write("src/later.ts", "export const later = 1;\n");
  write("src/unrelated.ts", "export const other = 1;\n");
  lock("1.0.0");
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function lock(version: string, other = "1.0.0"): void {
  const packages = { "node_modules/fast-package": { version }, "node_modules/other-package": { version: other } };
  write("package-lock.json", JSON.stringify({ packages }));
}

const entries = ["bench/own.ts", "src/program.ts"];
const hash = async () => (await measuredCode(root, { entries })).hash;

test("what is measured is what the entries import, also later", async () => {
  const { files } = await measuredCode(root, { entries });
  expect(files).toEqual(["bench/own.ts", "src/add.ts", "src/later.ts", "src/program.ts"]);
});

test.each<[string, () => void]>([
  ["the bench itself", () => write("bench/own.ts", "console.log(3);\n")],
  [
    "a file that it imports",
    () => write("src/add.ts", "export const add = (a: number, b: number) => b + a;\nexport const unused = 'a';\n"),
  ],
  ["a file that a program loads later", () => write("src/later.ts", "export const later = 2;\n")],
  ["the version of an imported package", () => lock("1.0.1")],
])("another hash: %s was changed", async (_name, change) => {
  const before = await hash();
  expect(await hash()).toBe(before);
  change();
  expect(await hash()).not.toBe(before);
});

test.each<[string, () => void]>([
  ["an unrelated file", () => write("src/unrelated.ts", "export const other = 2;\n")],
  ["a file that is new", () => write("src/new.ts", "export const fresh = 2;\n")],
  ["a package that is not imported", () => lock("1.0.0", "2.0.0")],
  [
    "comments, types, spaces, and what nobody uses",
    () =>
      write("src/add.ts", `/** Adds. */\nexport const add = (a: 1, b: 2) =>\n  a + b;\nexport const unused = "b";\n`),
  ],
])("the same hash: %s was changed", async (_name, change) => {
  const before = await hash();
  change();
  expect(await hash()).toBe(before);
});

test("an entry that is gone is an error, not an empty hash", async () => {
  rmSync(join(root, "src/program.ts"));
  await expect(hash()).rejects.toThrow("src/program.ts");
});

test("a result is fresh for its own code only; without a hash it counts as stale, and none is missing", () => {
  const record: BenchRecord = {
    title: "",
    table: [],
    bars: [],
    notes: [],
    quick: false,
    at: "",
    commit: "",
    node: "",
    cpu: "",
    memoryGiB: 1,
  };
  expect(stateOf({ ...record, code: "a" }, "a")).toBe("fresh");
  expect(stateOf({ ...record, code: "a" }, "b")).toBe("stale");
  expect(stateOf(record, "a")).toBe("unhashed");
  expect(stateOf(null, "a")).toBe("missing");
});
