import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkout } from "../../../../tests/support/checkout.ts";
import { signEvent } from "./sign-event.ts";

type Verify = (secret: string, headers: Record<string, string>, body: string) => unknown;

const manual = readFileSync(join(checkout, "docs/webhooks.md"), "utf8");
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stablehand-examples-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The only example of that language, as a file. */
function exampleFile(language: string, name: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(manual) ?? [];
  if (!code) throw new Error(`docs/webhooks.md has no example in ${language}`);
  const path = join(directory, name);
  writeFileSync(path, code);
  return path;
}

async function typescript(): Promise<Verify> {
  const { verifyWebhook } = await import(/* @vite-ignore */ pathToFileURL(exampleFile("ts", "verify.ts")).href);
  return verifyWebhook;
}

async function python(): Promise<Verify> {
  exampleFile("python", "verify.py");
  const program =
    "import json, sys; from verify import verify_webhook; a = json.load(sys.stdin); " +
    'print(json.dumps(verify_webhook(a["secret"], a["headers"], a["body"].encode())))';
  return (secret, headers, body) => {
    const input = JSON.stringify({ secret, headers, body });
    return JSON.parse(execFileSync("python3", ["-B", "-c", program], { cwd: directory, input, encoding: "utf8" }));
  };
}

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString("base64")}`;
const body = '{"type":"task.completed","data":{"endUserId":"é"}}';
const signedAt = (ms: number) => signEvent(key, { eventId: "evt_1", body }, new Date(ms));

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const languages: [string, () => Promise<Verify>][] = [["TypeScript", typescript]];
if (hasPython) languages.push(["Python", python]);

describe.each(languages)("the manual's example in %s", { timeout: 30_000 }, (_language, load) => {
  test("takes what Stablehand signs, also beside a signature of another secret", async () => {
    const verify = await load();
    const headers = signedAt(Date.now());
    expect(verify(secret, headers, body)).toEqual(JSON.parse(body));
    const two = { ...headers, "webhook-signature": `v1,AAAA ${headers["webhook-signature"]}` };
    expect(verify(secret, two, body)).toEqual(JSON.parse(body));
  });

  test("takes nothing that was altered, is old, or was signed with another secret", async () => {
    const verify = await load();
    const headers = signedAt(Date.now());
    expect(verify(secret, headers, body.replace("completed", "cancelled"))).toBeNull();
    expect(verify(secret, { ...headers, "webhook-id": "evt_2" }, body)).toBeNull();
    expect(
      verify(secret, { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) }, body),
    ).toBeNull();
    expect(verify(`whsec_${Buffer.alloc(32, 8).toString("base64")}`, headers, body)).toBeNull();
    expect(verify(secret, signedAt(Date.now() - 301_000), body)).toBeNull();
    expect(verify(secret, { "webhook-id": "evt_1" }, body)).toBeNull();
  });
});
