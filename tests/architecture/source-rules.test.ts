import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"], {
  cwd: checkout,
  encoding: "utf8",
})
  .trim()
  .split("\n");
const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const sources = files.filter((file) => !file.endsWith(".test.ts"));
const tests = files.filter((file) => file.endsWith(".test.ts"));

test("the control: sources and tests were really found", () => {
  expect(sources).toContain("packages/vault/src/seal.ts");
  expect(tests.length).toBeGreaterThan(10);
});

test("no source file is over 400 lines: split it by the nouns it holds", () => {
  const made = sources.filter((file) => read(file).startsWith("// Made from packages/contract"));
  expect(made).toHaveLength(3);
  const written = sources.filter((file) => !made.includes(file));
  expect(written.filter((file) => read(file).split("\n").length > 400)).toEqual([]);
});

test("no file is named after nothing: say what it holds", () => {
  const vague = /^(utils?|helpers?|misc|common|shared|types|manager|service)\b/;
  expect(files.filter((file) => vague.test(basename(file)))).toEqual([]);
});

test("every exported thing has a doc comment: what it promises, then what types do not say", () => {
  const undocumented = sources
    .filter((file) => file.startsWith("packages/"))
    .flatMap((file) => {
      const lines = read(file).split("\n");
      return lines.flatMap((line, index) => {
        const isExport = /^export (async )?(function|const|class|interface|type) \w/.test(line);
        return isExport && !lines[index - 1]?.trimEnd().endsWith("*/") ? [`${file}:${index + 1} ${line}`] : [];
      });
    });
  expect(undocumented).toEqual([]);
});

test("nobody mocks a module of ours, skips a test or leaves one alone", () => {
  // Written in pieces, so that this file does not find itself.
  const forbidden = new RegExp(["vi\\.mo", "ck\\(|\\.(on", "ly|sk", "ip)\\("].join(""));
  expect(tests.filter((file) => forbidden.test(read(file)))).toEqual([]);
});

test("only configuration readers and programs look at the environment, and none on import of a library", () => {
  const allowed =
    /^(packages\/(api|worker)\/src\/main\.ts|packages\/worker\/src\/leaktest\/unredacted-worker\.ts|packages\/cli\/src\/|packages\/worker\/src\/browser\/launch\.ts)/;
  const readers = sources.filter(
    (file) => file.startsWith("packages/") && /^(?! *(\*|\/[/*])).*process\.env/m.test(read(file)),
  );
  expect(readers.length).toBeGreaterThan(2);
  expect(readers.filter((file) => !allowed.test(file))).toEqual([]);
});

test("SQL is never put together from text: parameters and Kysely only", () => {
  const built = sources
    .filter(
      (file) =>
        file.startsWith("packages/core/") || file.startsWith("packages/api/") || file.startsWith("packages/worker/"),
    )
    .filter((file) => /(query|text): *`[^`]*\$\{|\.query\(`[^`]*\$\{/.test(read(file)));
  expect(built).toEqual([]);
});

test("nothing outside tests turns Chromium's sandbox off", () => {
  const off = sources.filter(
    (file) => file.startsWith("packages/") && /sandbox: false|["']--no-sandbox|chromiumSandbox: false/.test(read(file)),
  );
  expect(off).toEqual([]);
});

test("every setting that a program reads is in .env.example, and nothing else is", () => {
  const read$ = sources
    .filter((file) => file.startsWith("packages/") && !file.includes("/fixtures/"))
    .flatMap((file) => [
      ...read(file).matchAll(
        /(?:required|integer|oneOf)\(\s*env,\s*"([A-Z_]+)"|\benv(?:ironment)?(?:\.|\[")([A-Z][A-Z_]+)/g,
      ),
    ])
    .map(([, called, property]) => called ?? property ?? "");
  const internal = new Set([
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "TZ",
    "DISPLAY",
    "XAUTHORITY",
    "DEBUG",
    "PLAYWRIGHT_BROWSERS_PATH",
    "VAULT_KEYRING_FILE",
    "VAULT_KEY_FILE",
    "VAULT_PUBLIC_KEYRING_FILE",
  ]);
  const settings = new Set(read$.filter((name) => !internal.has(name)));
  const documented = new Set(
    [...read(".env.example").matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name ?? ""),
  );
  expect(settings.size).toBeGreaterThan(8);
  expect([...settings].filter((name) => !documented.has(name)).sort(), "add these to .env.example").toEqual([]);
});
