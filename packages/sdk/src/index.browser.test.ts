import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { openValue } from "@stablehand/vault/open";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../../../tests/support/checkout.ts";
import { executablePath } from "../../../tests/support/chromium.ts";
import { keyIdOf } from "../../vault/src/x25519.ts";

const pair = generateKeyPairSync("x25519");
const publicKey = pair.publicKey.export({ format: "raw-public" });
const keyId = keyIdOf(publicKey);
const owner = { businessId: "biz-1", endUserId: "alice" };
const at = "2026-11-24T09:00:00.000Z";

let server: Server;
let browser: Browser;
let sealed = "";
let following = 0;

/** A page with the SDK in it, and beside it the few routes that it is to call. */
async function answer(request: IncomingMessage, script: string): Promise<[type: string, body: string]> {
  const { url = "" } = request;
  if (url === "/") return ["text/html", "<script src=/sdk.js></script>"];
  if (url === "/sdk.js") return ["text/javascript", script];
  if (url.endsWith("/sealing-key")) {
    const key = { keyId: keyId.toString("hex"), publicKey: publicKey.toString("base64url") };
    return ["application/json", JSON.stringify({ ...owner, ...key, version: 1, suite: 1 })];
  }
  if (url.endsWith("/credentials")) sealed = (JSON.parse(await text(request)) as Upload).sealed.twitterCt0;
  if (url.endsWith("/events")) {
    following += 1;
    const status = following === 1 ? "" : `id: 2\nevent: status\ndata: {"status":"completed","at":"${at}"}\n\n`;
    return ["text/event-stream", `id: ${following}\nevent: step\ndata: {"n":${following}}\n\n${status}`];
  }
  return ["application/json", JSON.stringify({ taskId: "t", status: "completed", result: "Hello." })];
}

interface Upload {
  readonly sealed: { readonly twitterCt0: string };
}

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [`${checkout}/packages/sdk/src/index.ts`],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "sdk",
    platform: "browser",
  });
  server = createServer((request, response) => {
    void answer(request, outputFiles[0]?.text ?? "").then(([type, content]) =>
      response.writeHead(200, { "content-type": type }).end(content),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
});
afterAll(async () => {
  await browser.close();
  server.close();
});

test("in a browser it seals what a worker opens, and follows a task over a stream that breaks", async () => {
  const { port } = server.address() as AddressInfo; // of a server that listens on TCP
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  const seen = await page.evaluate<unknown>(`(async () => {
    const client = new sdk.Stablehand({ apiKey: "k", baseUrl: location.origin });
    await client.endUsers("alice").credentials.set({ twitterCt0: "CANARY-é🍪" });
    const steps = [];
    const task = await client.tasks.run({ endUserId: "alice", task: "Read" }, { onStep: (step) => steps.push(step.n) });
    return [task.result, steps];
  })()`);
  expect(seen).toEqual(["Hello.", [1, 2]]);
  const opening = { keyId, privateKey: pair.privateKey };
  expect(openValue(owner, "twitterCt0", opening, Buffer.from(sealed, "base64url"))).toBe("CANARY-é🍪");
});
