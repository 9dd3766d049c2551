import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { checkout } from "../support/checkout.ts";
import { runCli } from "../support/server.ts";

vi.setConfig({ testTimeout: 600_000 });

const sinks = [
  "database",
  "PostgreSQL's log",
  "output of all programs",
  "requests to the model",
  "API answers",
  "event streams",
  "results",
  "html dumps",
  "webhooks",
  "arguments, environments",
  "files while signed in",
  "files at the end",
  "temporary directories",
  "attacker: requests",
  "attacker: names",
];

interface Report {
  readonly verdict: string;
  readonly sinks: readonly { sink: string; bytes: number; hitCount: number; markerFound: string[] }[];
  readonly attackerGot: Record<string, number>;
  readonly controls: readonly { what: string; holds: boolean }[];
}

/** Directories of leaktests, and processes that name one. */
function leftBehind(): string[] {
  const directories = readdirSync("/tmp").filter((name) => /^leak-k\w{15,}/.test(name));
  const processes = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    const read = (file: string) => {
      try {
        return readFileSync(`/proc/${name}/${file}`, "utf8");
      } catch {
        return ""; // gone
      }
    };
    return /\/tmp\/leak-k\w{15,}/.test(read("cmdline") + read("environ"));
  });
  return [...directories, ...processes];
}

afterEach(async () => {
  await expect.poll(leftBehind, { timeout: 60_000, interval: 50 }).toEqual([]);
});

describe("stablehand leaktest", () => {
  test("finds no value in any sink, finds its marker in each, sees its controls hold, and ends with 0", async () => {
    const { code, stdout, stderr } = await runCli(["leaktest"], {});
    for (const sink of sinks) expect(stdout, stderr).toMatch(new RegExp(`^${sink} +\\d+ +[\\d,]+ +0 +found$`, "m"));
    expect(stdout).toContain("0 connections, 0 bytes, 0 datagrams, 0 names looked up");
    expect(stdout).not.toContain("FAILED");
    expect(stdout).toContain("No leak");
    expect(code).toBe(0);
  });

  test("--without-redaction finds values wherever redaction keeps them out, says that it is not blind, and ends with 0", async () => {
    const { code, stdout, stderr } = await runCli(["leaktest", "--without-redaction", "--json"], {});
    expect(code, stdout.slice(-3_000) + stderr).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report.verdict).toBe("clean");
    expect(report.sinks.map(({ sink }) => sink)).toEqual(expect.arrayContaining(sinks));
    const leaking = report.sinks.filter(({ hitCount }) => hitCount > 0).map(({ sink }) => sink);
    expect(leaking).toEqual(
      expect.arrayContaining(["database", "requests to the model", "API answers", "results", "html dumps"]),
    );
    expect(Object.values(report.attackerGot)).toEqual([0, 0, 0, 0]);
  });

  test("--help says what each exit code means", async () => {
    const { stdout } = await runCli(["leaktest", "--help"], {});
    for (const words of ["Exit code: 0", "2 a value came out", "3 a control failed", "the test is blind"])
      expect(stdout).toContain(words);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("leaves no process and no file after %s", async (signal) => {
    const child = spawn(
      join(checkout, "node_modules/.bin/node"),
      ["--conditions=worker", join(checkout, "packages/cli/src/main.ts"), "leaktest"],
      { cwd: checkout, stdio: ["ignore", "ignore", "pipe"] },
    );
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    await expect.poll(() => log, { timeout: 240_000, interval: 50 }).toContain("A hostile site");
    const [directory = ""] = leftBehind();
    expect(existsSync(join("/tmp", directory, "postgres")), "the control: it was running").toBe(true);
    child.kill(signal);
    expect(await exited).toBe(signal === "SIGTERM" ? 1 : null);
  });
});
