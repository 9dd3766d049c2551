import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";

const unredacted = ["unredacted-worker", "unredacted-server"];
const sources = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "packages/**/*.ts"], {
  cwd: checkout,
  encoding: "utf8",
})
  .trim()
  .split("\n");

async function filesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(checkout, entry)],
    absWorkingDir: checkout,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    conditions: ["worker"],
    packages: "external",
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs);
}

test("nothing but the leaktest names the worker that redacts nothing: no setting, option or program leads there", () => {
  const naming = sources.filter((file) => {
    const text = readFileSync(join(checkout, file), "utf8");
    return unredacted.some((name) => text.includes(name));
  });
  expect(naming.sort()).toEqual([
    "packages/cli/src/leaktest/after-kill.ts", // to end it
    "packages/cli/src/leaktest/server-under-test.ts", // to start it
    "packages/cli/src/leaktest/unredacted-server.ts",
    "packages/cli/src/programs.ts", // a type, whose other value is main.ts
  ]);
});

test("it is reached from no other program, and the worker's own redactor from the worker's", async () => {
  const worker = await filesOf("packages/worker/src/main.ts");
  expect(worker, "the control: the graph was walked").toContain("packages/worker/src/redact/redactor.ts");
  expect(worker.filter((file) => file.includes("/leaktest/"))).toEqual([]);
  const blind = await filesOf("packages/worker/src/leaktest/unredacted-worker.ts");
  expect(blind).toContain("packages/worker/src/leaktest/refuse-elsewhere.ts");
  expect(blind).toContain("packages/worker/src/start-worker.ts");
});

test("the leaktest's search shares no code with the redactor, so that one mistake cannot blind both", async () => {
  const files = await filesOf("packages/cli/src/leaktest/search/search-sink.ts");
  expect(files).toContain("packages/cli/src/leaktest/search/needles.ts");
  expect(files.filter((file) => !file.startsWith("packages/cli/src/leaktest/search/"))).toEqual([]);
});
