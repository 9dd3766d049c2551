import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AssetId } from "@stablehand/core/ids";
import { storeAssets } from "@stablehand/core/store/design-assets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { checkout } from "../../../tests/support/checkout.ts";
import { createAssetLinks } from "./asset-links.ts";

let api: TestApi;
let acme: TestBusiness;

beforeAll(async () => {
  api = await startTestApi({ assetUrlTtlSeconds: 600 });
  acme = await api.business("acme");
});
afterAll(() => api.stop());

/** Without an API key, as a browser comes. */
const get = (url: string) => api.app.inject({ method: "GET", url });

async function keep(contentType: string, bytes: Uint8Array): Promise<AssetId> {
  const files = [{ sourceUrl: "https://example.com/file", contentType, bytes }];
  const options = { store: null, signal: new AbortController().signal };
  const [kept] = await storeAssets(api.context.database.db, acme.businessId, files, options);
  if (!kept) throw new Error("one file was given");
  return kept.assetId;
}

const pathTo = async (assetId: AssetId) => (await api.context.assetLinks()).pathTo(assetId);

test.each([1, 1024 * 1024, 3 * 1024 * 1024 + 17])(
  "a file of %d bytes comes back byte for byte without an API key",
  async (length) => {
    const bytes = Buffer.alloc(length).map((_, n) => (n * 31) % 251);
    const response = await get(await pathTo(await keep("image/png", bytes)));
    expect(response.statusCode).toBe(200);
    expect(response.rawPayload.equals(bytes)).toBe(true);
    expect(response.headers).toMatchObject({ "content-type": "image/png", "content-length": String(bytes.length) });
  },
);

test("an SVG that holds script comes as a download that no browser runs", async () => {
  const assetId = await keep("image/svg+xml", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"));
  expect((await get(await pathTo(assetId))).headers).toMatchObject({
    "content-type": "image/svg+xml",
    "content-disposition": `attachment; filename="${assetId}.svg"`,
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
  });
});

test.each(["text/html", "application/javascript", "text/html; charset=utf-8", "image/svg+xml, text/html"])(
  "what its site called %s is bytes",
  async (contentType) => {
    const response = await get(await pathTo(await keep(contentType, Buffer.from(`<script>${contentType}</script>`))));
    expect(response.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
      "content-disposition": expect.stringMatching(/^attachment/),
    });
  },
);

test("an address that was changed is 403, one that is over 410, one of a file that is gone 404, a broken one 400", async () => {
  const assetId = await keep("image/gif", Buffer.from("GIF89a"));
  const path = await pathTo(assetId);
  const statusOf = async (url: string) => {
    const response = await get(url);
    return [response.statusCode, response.json().code];
  };
  expect(await statusOf(path.replace(assetId, randomUUID()))).toEqual([403, "asset_signature_invalid"]);
  expect(await statusOf(path.replace(/expires=1/, "expires=2"))).toEqual([403, "asset_signature_invalid"]);
  expect(await statusOf(`${path.slice(0, -2)}AA`)).toEqual([403, "asset_signature_invalid"]);
  const { rows } = await api.context.database.pool.query("SELECT secret FROM installation_secrets");
  const past = createAssetLinks(rows[0].secret, 600, () => Date.now() - 601_000);
  expect(await statusOf(past.pathTo(assetId))).toEqual([410, "asset_expired"]);
  expect(await statusOf(await pathTo(randomUUID() as AssetId))).toEqual([404, "asset_not_found"]);
  const noUuid = "x" as AssetId; // signed for, and still no file
  expect(await statusOf(await pathTo(noUuid))).toEqual([404, "asset_not_found"]);
  for (const query of ["", "?expires=1", "?signature=x", "?expires=x&signature=x", "?expires=1&expires=2&signature=x"])
    expect([query, ...(await statusOf(`/v1/assets/${assetId}${query}`))]).toEqual([query, 400, "invalid_request"]);
});

test("a file in an object storage that is not set, or that does not answer, is 503", async () => {
  const assetId = await keep("image/bmp", Buffer.from("BM"));
  await api.context.database.pool.query(
    "UPDATE design_assets SET bytes = NULL, location = 's3://bucket/key' WHERE asset_id = $1",
    [assetId],
  );
  const path = await pathTo(assetId);
  expect((await get(path)).statusCode).toBe(503);
  const closed = { region: "us-east-1", endpoint: "http://127.0.0.1:1", pathStyle: true, prefix: "", bucket: "bucket" };
  const away = await startTestApi({
    databaseUrl: api.databaseUrl,
    assetStore: { ...closed, accessKeyId: "a", secretAccessKey: "CANARY" },
  });
  try {
    const response = await away.app.inject({ method: "GET", url: path });
    expect([response.statusCode, response.json().code]).toEqual([503, "unavailable"]);
    expect(response.body).not.toContain("CANARY");
  } finally {
    await away.stop();
  }
});

test("the statement of docs/design.md makes every address void", async () => {
  const path = await pathTo(await keep("image/gif", Buffer.from("GIF87a")));
  const text = readFileSync(join(checkout, "docs/design.md"), "utf8");
  const [, statement = ""] = /```sql\n([\s\S]*?)```/.exec(text) ?? [];
  expect((await api.context.database.pool.query(statement)).rowCount).toBe(1);
  const restarted = await startTestApi({ databaseUrl: api.databaseUrl });
  try {
    expect((await restarted.app.inject({ method: "GET", url: path })).statusCode).toBe(403);
  } finally {
    await restarted.stop();
  }
});
