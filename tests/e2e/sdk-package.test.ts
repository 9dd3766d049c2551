import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { type ReplayServer, startReplayServer } from "../support/replay-server.ts";
import { installRuntime, type Runtime, runtimes } from "../support/runtimes.ts";

const run = promisify(execFile);
const bin = join(checkout, "node_modules/.bin");
const readme = readFileSync(join(checkout, "README.md"), "utf8");

let server: ReplayServer;
/** A project with the packed SDK in it, in a path with a space. */
let project: string;
let packed: string[];
let env: Record<string, string>;

beforeAll(async () => {
  server = await startReplayServer();
  const { twitterAuthToken, twitterCt0 } = server.fakes.accounts.alice.values;
  env = {
    PATH: `${bin}:${process.env.PATH}`,
    STABLEHAND_API_KEY: server.apiKey ?? "",
    STABLEHAND_BASE_URL: server.url,
    VALUES: JSON.stringify({ twitterAuthToken, twitterCt0 }),
  };
  project = join(server.dataDir, "a project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", type: "module", private: true }));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", server.dataDir], {
    cwd: join(checkout, "packages/sdk"),
    env: { ...process.env, PATH: env["PATH"] ?? "" },
  });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path);
  const install = ["install", "--offline", "--ignore-scripts", join(server.dataDir, basename(filename))];
  await run("npm", install, { cwd: project });
  cpSync(join(checkout, "tests/support/sdk-consumer"), project, { recursive: true });
  for (const name of ["zod", "typescript"])
    symlinkSync(join(checkout, "node_modules", name), join(project, "node_modules", name));
});
afterAll(() => server.stop());

test("the tarball has built files, their types and the README, and wants nothing else", () => {
  expect(packed).toEqual(expect.arrayContaining(["package.json", "README.md", "dist/index.js", "dist/index.d.ts"]));
  expect(packed.filter((path) => !/^(dist\/.+\.(js|d\.ts)|package\.json|README\.md)$/.test(path))).toEqual([]);
  expect(packed.filter((path) => path.includes(".test."))).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(project, "node_modules/@stablehand/sdk/package.json"), "utf8"));
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"])
    expect(manifest).not.toHaveProperty(kind);
  expect(readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
    "@stablehand",
    "typescript",
    "zod",
  ]);
});

test("nothing of it imports a module of a runtime, or another package", () => {
  const texts = packed.filter((path) => path.startsWith("dist/")).map((path) => readPacked(path));
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import) ?\(?"([^"]+)"/g)].map(([, name]) => name),
  );
  expect(imported.length).toBeGreaterThan(50);
  expect(imported.filter((name) => !name?.startsWith("."))).toEqual([]);
});

function readPacked(path: string): string {
  return readFileSync(join(project, "node_modules/@stablehand/sdk", path), "utf8");
}

test.each([
  ["nodenext", ["es2022", "dom"]],
  ["bundler", ["es2022", "dom"]],
])(
  "a consumer type-checks strictly with module resolution %s, without the types of Node",
  async (moduleResolution, lib) => {
    const compilerOptions = {
      module: moduleResolution === "bundler" ? "esnext" : moduleResolution,
      moduleResolution,
      lib: [...lib, "dom.iterable", "dom.asynciterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
    };
    const config = join(project, `tsconfig.${moduleResolution}.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    const { stdout } = await run(join(bin, "tsc"), ["-p", config], { cwd: project }).catch((error) => error);
    expect(stdout).toBe("");
  },
);

const argsOf = (runtime: Runtime) =>
  runtime === "Deno" ? ["run", "--allow-env", "--allow-net", "--allow-read", "--node-modules-dir=manual"] : [];

describe.each(runtimes)("in %s", (runtime) => {
  test("every part of it works against a real server", { timeout: 400_000 }, async () => {
    const program = await installRuntime(runtime);
    const args = [...argsOf(runtime), "consume.mjs"];
    const { stdout } = await run(program, args, {
      cwd: project,
      env: { ...env, DENO_DIR: server.dataDir, HOME: server.dataDir },
    });
    expect(JSON.parse(stdout)).toEqual({
      twitter: [true, false],
      posts: 4,
      steps: [1, 2],
      statuses: ["pending", "running", "completed"],
      check: "valid",
      session: [1, true],
      cancelled: "cancelled",
      design: [["colors"], "pending"],
      isCounted: true,
      notFound: [true, "task_not_found", "string"],
      aborted: "enough",
      webhook: 2_432_232_314,
    });
  });
});

test("the example in README runs as it stands, and no value of it crossed the wire", async () => {
  const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const values = JSON.parse(env["VALUES"] ?? "") as Record<string, string>;
  writeFileSync(
    join(project, "example.ts"),
    code.replace(/(twitter\w+): "…"/g, (_whole, field: string) => `${field}: ${JSON.stringify(values[field])}`),
  );
  const { stdout } = await run(join(bin, "node"), ["example.ts"], { cwd: project, env });
  expect(stdout).toBe(
    "1 Use the account on twitter, open an address\n2 Answer\nnina 128\notto 42\npia 1204\nquinn 7\n",
  );
});
