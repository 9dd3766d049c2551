import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { checkout } from "../../../tests/support/checkout.ts";

/** What every runtime on the web's standards has, edge ones included, and this package may use. */
const standard = [
  ...["AbortController", "AbortSignal", "Headers", "ReadableStream", "Response", "TextDecoder", "TextEncoder"],
  ...["URL", "URLSearchParams", "atob", "btoa", "clearTimeout", "crypto", "setTimeout"],
] as const;

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${checkout}/packages/sdk/src/index.ts`],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "sdk",
    platform: "neutral",
    target: "es2022",
  });
  return outputFiles[0]?.text ?? "";
}

test("works where there is nothing but fetch, WebCrypto, streams and their like: no process, no Buffer, no module", async () => {
  const sent: string[] = [];
  const key = {
    businessId: "biz-1",
    endUserId: "alice",
    keyId: "d1ce8f21ea93cee2",
    publicKey: "_XTFZk8BD7-VFxY5tINV0CfAI52t8f6cTfGwmpON7hE",
    version: 1,
    suite: 1,
  };
  const at = "2026-11-24T09:00:00.000Z";
  const task = { taskId: "t", sessionId: "s", status: "completed", createdAt: at };
  const events = `id: 1\nevent: step\ndata: {"n":1}\n\nid: 2\nevent: status\ndata: {"status":"completed","at":"${at}"}\n\n`;
  const fetch = async (url: string, init: RequestInit) => {
    sent.push(`${init.method} ${new URL(url).pathname} ${init.body ?? ""}`);
    if (url.endsWith("/events")) return new Response(events);
    return Response.json(url.endsWith("/sealing-key") ? key : task);
  };
  const context = createContext({ fetch, ...Object.fromEntries(standard.map((name) => [name, globalThis[name]])) });
  runInContext(await bundled(), context);
  const done: unknown = await runInContext(
    `(async () => {
      const client = new sdk.Stablehand({ apiKey: "k", baseUrl: "http://server.test" });
      await client.endUsers("alice").credentials.set({ twitterCt0: "CANARY" });
      const steps = [];
      const task = await client.tasks.run({ endUserId: "alice", task: "Read" }, { onStep: (step) => steps.push(step.n) });
      const verified = await sdk.verifyWebhook("whsec_AAAA", {}, "").catch((error) => error.name);
      const unset = (() => { try { new sdk.Stablehand(); } catch (error) { return error.name; } })();
      return JSON.stringify({ status: task.status, steps, verified, unset });
    })()`,
    context,
  );
  expect(JSON.parse(String(done))).toEqual({
    status: "completed",
    steps: [1],
    verified: "WebhookVerificationError",
    unset: "StablehandError",
  });
  expect(sent.map((one) => one.replace(/"twitterCt0":"AQHR[\w-]+"/, "sealed"))).toEqual([
    "GET /v1/end-users/alice/sealing-key ",
    'PUT /v1/end-users/alice/credentials {"sealed":{sealed}}',
    'POST /v1/tasks {"endUserId":"alice","task":"Read"}',
    "GET /v1/tasks/t/events ",
    "GET /v1/tasks/t ",
  ]);
});
