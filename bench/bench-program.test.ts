import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkout } from "../tests/support/checkout.ts";

vi.setConfig({ testTimeout: 60_000 }); // each call is a process, or several

let root: string;
const write = (file: string, text: string) => writeFileSync(join(root, file), text);
const read = (file: string) => readFileSync(join(root, file), "utf8");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stablehand-bench-"));
  write("measured.ts", "console.log(1);\n");
  write("other.ts", "console.log(1);\n");
  write("package-lock.json", '{"packages":{}}');
  write("speed", "12");
  write("README.md", "It does 0 a second.\nStale figures, whose code has changed since: none.\n");
});
afterEach(() => rmSync(root, { recursive: true }));

/** `npm run bench` with three benches: one throws, one ends without a word, one measures. */
function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const node = join(checkout, "node_modules/.bin/node");
  const script = join(checkout, "bench/fixtures/fake-benches.ts");
  return new Promise((resolve) =>
    execFile(node, [script, ...args], { env: { FAKE_CHECKOUT: root }, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );
}
const standing = async (name: string) =>
  (JSON.parse((await bench("--list", "--json")).stdout) as { name: string; state: string }[]).find(
    (one) => one.name === name,
  );

test("without a name all run: one that fails is told and does not stop the others, and the exit code is 1", async () => {
  const { code, stdout, stderr } = await bench("--json");
  expect(code).toBe(1);
  expect(stderr).toContain("[1 of 3] broken: about 1 min, 4 min with all that are left");
  expect(stderr).toContain("it was broken");
  expect(stderr).toContain("[3 of 3] speed: about 2 min, 2 min with all that are left");
  expect(stderr).toContain("1 of 3 benches gave a result\nfailed: broken, killed\n");
  const { results, failed } = JSON.parse(stdout);
  expect(failed).toEqual(["broken", "killed"]);
  expect(results.speed).toEqual(JSON.parse(read("bench/results/speed.json")));
  expect(existsSync(join(root, "bench/results/broken.json"))).toBe(false);
});

test("a result goes with its code into the JSON, the table and README", async () => {
  expect((await bench("speed")).code).toBe(0);
  expect(JSON.parse(read("bench/results/speed.json"))).toMatchObject({
    code: expect.stringMatching(/^[0-9a-f]{16}$/),
    commit: expect.any(String),
    minutes: expect.any(Number),
    table: [{ what: "speed", "a second": 12 }],
  });
  expect(read("bench/results/README.md")).toMatch(
    /^\| speed, a second \| 12 \| – \| – \| speed ≥ 10 \| yes \| speed \|.*\| {2}\|$/m,
  );
  expect(read("bench/results/README.md")).toMatch(/^\|.* \| broken \|.*\| not measured \|$/m);
  expect(read("README.md")).toBe("It does 12 a second.\nStale figures, whose code has changed since: none.\n");
});

test("a changed file on the measured path makes the result stale, an unrelated one does not; --mark writes it down", async () => {
  await bench("speed");
  write("other.ts", "console.log(2);\n");
  expect(await standing("speed")).toMatchObject({ state: "fresh" });
  expect((await bench("--stale")).stdout).not.toContain("speed");
  write("measured.ts", "console.log(2);\n");
  expect(await standing("speed")).toMatchObject({ state: "stale" });
  expect((await bench("--stale")).stdout).toMatch(/^speed +\S+ min +stale /m);
  expect((await bench("--mark")).code).toBe(0);
  expect(read("README.md")).toContain("Stale figures, whose code has changed since: `speed`.");
  expect(read("bench/results/README.md")).toMatch(/\| stale \|$/m);
  write("measured.ts", "console.log(1); // as it was\n");
  await bench("--mark");
  expect(read("README.md")).toContain("since: none.");
});

test("a result of before hashes is stale, and a bench that was never run is missing", async () => {
  await bench("speed");
  const { code: _, ...older } = JSON.parse(read("bench/results/speed.json"));
  write("bench/results/speed.json", JSON.stringify(older));
  expect(await standing("speed")).toMatchObject({ state: "unhashed" });
  expect(await standing("broken")).toMatchObject({ state: "missing", commit: null });
  expect((await bench("--list")).stdout).toMatch(/^speed .*stale: of before hashes/m);
});

test("a missed bar is kept and told, and the exit code is 1, for one bench and for several", async () => {
  write("speed", "9");
  expect((await bench("speed")).code).toBe(1);
  expect(read("bench/results/README.md")).toContain("| speed ≥ 10 | **no** |");
  const { code, stderr } = await bench("speed", "speed");
  expect([code, stderr]).toEqual([1, expect.stringContaining("bars missed in: speed")]);
});

test("a quick run keeps nothing", async () => {
  expect((await bench("speed", "--quick")).code).toBe(0);
  expect(existsSync(join(root, "bench/results"))).toBe(false);
  expect(read("README.md")).toContain("It does 0 a second");
});

test("called wrongly it says how, and runs nothing", async () => {
  const { code, stderr } = await bench("sped");
  expect([code, stderr]).toEqual([2, expect.stringContaining("There is no bench sped.")]);
  expect((await bench("--fast")).code).toBe(2);
  const help = await bench("--help");
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("speed                reads a file")]);
  expect(existsSync(join(root, "bench/results"))).toBe(false);
});
