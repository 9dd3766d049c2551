import { createWebhookEndpoint, listWebhookEndpoints } from "@stablehand/contract";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { OpenError, openWebhookSecret } from "@stablehand/vault/open";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;
const at = "/v1/webhook-endpoints";
const url = "https://hooks.example.com/stablehand";

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
});
beforeEach(async () => {
  await api.context.database.pool.query("DELETE FROM webhook_endpoints");
});
afterAll(() => api.stop());

const create = async (business: TestBusiness, body: object = { url }) => (await business.call("POST", at, body)).json();
const list = async (business: TestBusiness) => (await business.call("GET", at)).json().endpoints;

test("an endpoint is made with a secret of 32 bytes, which no later answer shows", async () => {
  const response = await acme.call("POST", at, { url, description: "of staging" });
  expect(response.statusCode).toBe(201);
  const endpoint = createWebhookEndpoint.reply.body.parse(response.json());
  expect(endpoint).toMatchObject({ url, description: "of staging" });
  expect(endpoint.secret).toMatch(/^whsec_/);
  expect(Buffer.from(endpoint.secret.slice(6), "base64").length).toBe(32);
  const listed = await acme.call("GET", at);
  expect(listed.body).not.toContain(endpoint.secret.slice(6));
  const { secret: _, ...shown } = endpoint;
  expect(listWebhookEndpoints.reply.body.parse(listed.json()).endpoints).toEqual([{ ...shown, eventsLost: 0 }]);
});

test("two endpoints have two secrets", async () => {
  expect((await create(acme)).secret).not.toBe((await create(acme)).secret);
});

test("the secret is stored sealed, for its endpoint and business alone", async () => {
  const { endpointId, secret } = await create(acme);
  const { rows } = await api.context.database.pool.query(
    "SELECT *, webhook_endpoints::text AS whole FROM webhook_endpoints",
  );
  const [row] = rows;
  const bytes = Buffer.from(secret.slice(6), "base64");
  for (const form of [secret, secret.slice(6), bytes.toString("hex")]) expect(row.whole).not.toContain(form);
  const { keys } = await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile));
  const stored = { sealedSecret: row.sealed_secret, keyringKeyId: row.keyring_key_id };
  const owner = { businessId: acme.businessId, endpointId };
  expect(openWebhookSecret(owner, stored, keys)).toEqual(bytes);
  expect(() => openWebhookSecret({ ...owner, businessId: other.businessId }, stored, keys)).toThrow(OpenError);
});

test.each([
  "http://example.com/",
  "https://127.0.0.1/",
  "https://localhost/",
  "https://[::1]/",
  "https://10.0.0.1/",
  "nonsense",
])("a URL to which no event may go is refused, and nothing is stored: %s", async (refused) => {
  const response = await acme.call("POST", at, { url: refused });
  expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
  expect(response.json().error).toMatch(/^url /);
  expect(await list(acme)).toEqual([]);
});

test("the URL that is shown is the one that is called: as the URL standard reads it", async () => {
  expect((await create(acme, { url: " HTTPS://Example.COM:443/a/../b" })).url).toBe("https://example.com/b");
});

test("there are ten endpoints for a business at most, also when twenty ask at once; another business is not counted", async () => {
  await create(other);
  const { pool } = api.context.database;
  await Promise.all(Array.from({ length: 8 }, () => pool.query("SELECT pg_sleep(0.02)"))); // so that all are connected
  const answers = await Promise.all(Array.from({ length: 20 }, () => acme.call("POST", at, { url })));
  const codes = answers.map((answer) => answer.statusCode);
  expect(codes.filter((code) => code === 201)).toHaveLength(10);
  expect(codes.filter((code) => code === 409)).toHaveLength(10);
  expect(answers.find((answer) => answer.statusCode === 409)?.json()).toMatchObject({
    code: "webhook_endpoint_limit_reached",
    error: expect.stringMatching(/delete one/),
  });
  const [first] = await list(acme);
  await acme.call("DELETE", `${at}/${first.endpointId}`);
  expect((await acme.call("POST", at, { url })).statusCode).toBe(201);
});

test("a business sees and deletes its own endpoints only; another's is as unknown as none", async () => {
  const { endpointId } = await create(acme);
  expect(await list(other)).toEqual([]);
  const unknown = [endpointId, "0b8f4a1e-6d0c-4c0e-9a53-0d4f4a8f2b11", "x", "%00"];
  for (const id of unknown) {
    const response = await other.call("DELETE", `${at}/${id}`);
    expect([id, response.statusCode, response.json().code]).toEqual([id, 404, "webhook_endpoint_not_found"]);
  }
  expect(await list(acme)).toHaveLength(1);
  const deleted = await acme.call("DELETE", `${at}/${endpointId}`);
  expect([deleted.statusCode, deleted.body]).toEqual([200, '{"ok":true}']);
  expect(await list(acme)).toEqual([]);
  expect((await acme.call("DELETE", `${at}/${endpointId}`)).statusCode).toBe(404);
});
