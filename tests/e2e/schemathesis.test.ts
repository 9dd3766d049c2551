import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../support/api.ts";
import { pythonWith } from "../support/python-packages.ts";

const execFileAsync = promisify(execFile);
const python = await pythonWith(["schemathesis"]);
const configFile = join(import.meta.dirname, "schemathesis.toml");
const timeoutMs = 600_000;
/** As many as fit into some minutes: thousands of requests in all. */
const examplesMax = process.env["SCHEMATHESIS_EXAMPLES"] ?? "150";

/** Tests every operation that the document describes, by all checks; gives the exit code and what was printed. */
async function explore(url: string, headers: Record<string, string>): Promise<{ code: number; text: string }> {
  const args = [
    "-m",
    "schemathesis.cli",
    "--config-file",
    configFile,
    "run",
    `${url}/v1/openapi.json`,
    "--checks",
    "all",
    "--seed",
    "7",
  ];
  const bounds = ["--max-examples", examplesMax, "--request-timeout", "20", "--workers", "1"];
  const rest = ["--continue-on-failure", "--suppress-health-check", "all", "--no-color"];
  const sent = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  const options = { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, cwd: "/tmp" };
  return execFileAsync(python ?? "", [...args, ...bounds, ...rest, ...sent], options).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code?: number; stdout?: string; stderr?: string }) => ({
      code: error.code ?? -1,
      text: `${error.stdout}${error.stderr}`,
    }),
  );
}

describe.runIf(python)("schemathesis, all checks on, finds nothing that the document does not say", () => {
  let api: TestApi;
  let url: string;

  beforeAll(async () => {
    api = await startTestApi();
    url = await api.app.listen({ host: "127.0.0.1", port: 0 });
  });
  afterAll(() => api.stop());

  test("with a key", { timeout: timeoutMs }, async () => {
    const { secret } = await api.business("schemathesis");
    const { code, text } = await explore(url, { Authorization: `Bearer ${secret}` });
    expect(code, text).toBe(0);
    expect(Number(/([\d,]+) generated/.exec(text)?.[1]?.replaceAll(",", "")), text).toBeGreaterThan(1_000);
  });

  test("without a key", { timeout: timeoutMs }, async () => {
    const { code, text } = await explore(url, {});
    expect(code, text).toBe(0);
  });
});
