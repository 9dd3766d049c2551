import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";
import { checkout } from "../../../../tests/support/checkout.ts";
import { buildDashboard } from "../../../dashboard/build/build-dashboard.ts";
import { readDashboardFiles } from "./dashboard-files.ts";
import { pagePaths } from "./register-dashboard.ts";

let api: TestApi;
let files: Awaited<ReturnType<typeof readDashboardFiles>>;

beforeAll(async () => {
  await buildDashboard();
  files = await readDashboardFiles();
  api = await startTestApi();
});
afterAll(() => api.stop());

const get = (url: string, headers: Record<string, string> = {}) => api.app.inject({ method: "GET", url, headers });
const scripts = () => [...files.keys()].filter((path) => path.endsWith(".js"));

/** The files that a document or a script names, at once or in a chain. */
function loadedBy(first: string): Set<string> {
  const found = new Set<string>();
  const queue = [first];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const text = files.get(path)?.content.toString("utf8") ?? "";
    const named = path.endsWith(".html")
      ? [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, address = ""]) => address)
      : [...text.matchAll(/(?:import|from)\s*"\.\/([^"]+)"/g)].map(([, name = ""]) => `/assets/${name}`);
    for (const address of named)
      if (files.has(address) && !found.has(address)) found.add(address) && queue.push(address);
  }
  return found;
}

test("the pages served are just those that the dashboard has", async () => {
  const router = readFileSync(join(checkout, "packages/dashboard/src/router.tsx"), "utf8");
  const routed = [...router.matchAll(/path: "([^"]+)"/g)].map(([, path = ""]) => path.replaceAll("$", ":"));
  expect([...pagePaths].sort()).toEqual(routed.sort());
  for (const path of pagePaths) {
    const response = await get(path.replace(/:\w+/, "a%2Fb"));
    expect([path, response.statusCode, response.headers["content-type"]]).toEqual([
      path,
      200,
      "text/html; charset=utf-8",
    ]);
  }
});

test("the policy allows no inline script or style but the one with a nonce, which is another each time", async () => {
  const [one, other] = [await get("/"), await get("/")];
  const policy = String(one.headers["content-security-policy"]);
  expect(policy).not.toMatch(/unsafe-|\*|https?:|data:|blob:/);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  const [, nonce = ""] = /'nonce-([\w+/=]+)'/.exec(policy) ?? [];
  expect(Buffer.from(nonce, "base64")).toHaveLength(16);
  expect(one.body).toContain(`content="${nonce}"`);
  expect(other.headers["content-security-policy"]).not.toBe(policy);
  expect(one.body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  expect(one.headers).toMatchObject({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
  });
});

test("files with a hash in their name are kept for good, others asked for again, and what is not there is 404", async () => {
  const script = scripts().find((path) => path.startsWith("/assets/index")) ?? "";
  expect((await get(script)).headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect((await get("/theme.js")).headers["cache-control"]).toBe("no-cache");
  for (const path of [
    "/assets/none.js",
    "/assets/../index.html",
    "/assets/%2e%2e/built-from",
    "/built-from",
    "/index.html",
  ])
    expect([path, (await get(path)).statusCode]).toEqual([path, 404]);
});

test("a file is sent in the form that the browser takes, and is the same in each", async () => {
  const script = scripts().find((path) => path.startsWith("/assets/index")) ?? "";
  const plain = await get(script);
  const gzip = await get(script, { "accept-encoding": "gzip" });
  const brotli = await get(script, { "accept-encoding": "gzip, deflate, br" });
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(gzip.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
  expect(brotli.headers["content-encoding"]).toBe("br");
  expect(gunzipSync(gzip.rawPayload).equals(plain.rawPayload)).toBe(true);
  expect(brotli.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
});

test("the first load of any page is at most 200 KB of compressed script", () => {
  const shell = loadedBy("/index.html");
  const sizeOf = (paths: Iterable<string>) =>
    [...paths].filter((path) => path.endsWith(".js")).reduce((sum, path) => sum + compressedLength(path), 0);
  expect(sizeOf(shell), "the control: something was found").toBeGreaterThan(60_000);
  const pages = scripts().filter((path) => !shell.has(path));
  expect(pages.length).toBeGreaterThan(10);
  for (const page of pages) {
    const all = new Set([...shell, page, ...loadedBy(page)]);
    expect([page, sizeOf(all) <= 200_000]).toEqual([page, true]);
  }
});

function compressedLength(path: string): number {
  const file = files.get(path);
  return (file?.gzip ?? file?.content ?? Buffer.alloc(0)).length; // gzip: what every browser takes
}

test("the built files name no other origin to load from, run no text as code, and have no map of the sources", () => {
  const texts = scripts().map((path) => files.get(path)?.content.toString("utf8") ?? "");
  expect(texts.length).toBeGreaterThan(10);
  for (const text of texts) {
    expect(text).not.toMatch(/sourceMappingURL|\bnew Function\(|[^.\w]eval\(/);
    expect(text).not.toMatch(/(?:src|href)\s*[:=]\s*["'`]https?:/);
  }
  for (const [path, { content }] of files)
    if (path.endsWith(".css")) expect(content.toString("utf8")).not.toMatch(/url\(["']?(?:https?:)?\/\//);
});
