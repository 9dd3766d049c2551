import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Design } from "@stablehand/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { makeDataDir, runCli, startServer, type TestServer } from "../support/server.ts";

let data: Awaited<ReturnType<typeof makeDataDir>>;
let fakes: FakePlatforms;
let server: TestServer;

beforeAll(async () => {
  data = await makeDataDir();
  fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  server = await startServer(data.dir, fakes.env);
});
afterAll(async () => {
  await server.stop();
  await fakes.stop();
  await data.remove();
});

const url = "https://x.com/home";

interface ExtractionTask {
  readonly status: string;
  readonly error?: string;
  readonly design?: Design;
}

async function extract(body: object): Promise<ExtractionTask> {
  const accepted = await server.call("POST", "/v1/design/extract", { endUserId: "alice", ...body });
  expect(accepted.status).toBe(202);
  const { taskId } = accepted.body as { taskId: string };
  const read = async () => (await server.call("GET", `/v1/tasks/${taskId}`)).body as ExtractionTask;
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toMatch(/completed|failed/);
  return read();
}

test("all six extractors find what a page has, twice the same, in a browser without cookies", async () => {
  await server.call("PUT", "/v1/end-users/alice/credentials", fakes.accounts.alice.values);
  fakes.requests.length = 0;
  const [first, second] = [await extract({ url }), await extract({ url })];
  expect([first.status, first.error]).toEqual(["completed", undefined]);
  const results = first.design?.results ?? {};
  expect(Object.keys(results).sort()).toEqual(["colors", "fonts", "icons", "images", "logo", "tokens"]);
  for (const [name, result] of Object.entries(results))
    expect([name, result]).toEqual([name, expect.not.objectContaining({ error: expect.anything() })]);
  expect(withoutAddresses(second)).toEqual(withoutAddresses(first));
  expect(fakes.requests.filter(({ cookie }) => cookie.includes("auth_token"))).toEqual([]);
});

/** The addresses of our copies are signed anew each time. */
function withoutAddresses({ design }: ExtractionTask): string {
  return JSON.stringify(design?.results, (key, value: unknown) => (key === "downloadUrl" ? undefined : value));
}

test("a page at a private address is refused, and one that cannot be reached fails in words", async () => {
  expect(
    (await server.call("POST", "/v1/design/extract", { endUserId: "alice", url: "http://127.0.0.1/" })).status,
  ).toBe(400);
  const { status, error } = await extract({ url: "http://localtest.invalid/" });
  expect([status, error]).toEqual([
    "failed",
    expect.stringMatching(/localtest\.invalid is not reachable.*not_resolved/),
  ]);
});

test("`stablehand design` prints a summary and writes the page that shows it", async () => {
  const report = join(data.dir, "report.html");
  const { code, stdout } = await runCli(["design", url, "--html", report], {
    STABLEHAND_BASE_URL: server.url,
    STABLEHAND_API_KEY: server.apiKey ?? "",
  });
  expect(code).toBe(0);
  expect(stdout).toContain("color");
  expect(await readFile(report, "utf8")).toMatch(/^<!doctype html>/i);
});
