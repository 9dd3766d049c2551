import { type Route, routes } from "@stablehand/contract";
import { storeAssets } from "@stablehand/core/store/design-assets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signUp, type TestAccount } from "../support/accounts.ts";
import { startTestApi, type TestApi, type TestBusiness } from "../support/api.ts";
import { type RequestIds, requestOf } from "../support/route-request.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;
let otherAccount: TestAccount;
let acmeAccount: TestAccount;
/** Ids of acme's, each of something that is there. */
let ids: Required<Omit<RequestIds, "extractor">>;
const list: readonly Route[] = routes;
const mark = "of-acme-alone";

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
  otherAccount = await signUp(api, "other");
  acmeAccount = await signUp(api, "acme", `acme@${mark}.example`);
  const endUserId = `alice-${mark}`;
  await acme.call("PUT", `/v1/end-users/${endUserId}/credentials`, {
    redditSession: "CANARY",
    tiktokCsrfToken: "CANARY",
  });
  const submitted = { endUserId, task: `Read ${mark}`, startUrl: `https://${mark}.example/` };
  const { taskId, sessionId } = (await acme.call("POST", "/v1/tasks", submitted)).json();
  await acme.call("POST", `/v1/tasks/${taskId}/cancel`); // its events then have an end
  await acme.call("PUT", "/v1/settings", { allowedHosts: [`${mark}.example`] });
  const url = `https://${mark}.example/hook`;
  const { endpointId } = (await acme.call("POST", "/v1/webhook-endpoints", { url })).json();
  const file = { sourceUrl: `https://${mark}.example/a.svg`, contentType: "image/svg+xml", bytes: Buffer.from(mark) };
  const signal = new AbortController().signal;
  const [kept] = await storeAssets(api.context.database.db, acme.businessId, [file], { store: null, signal });
  ids = { endUserId, taskId, sessionId, endpointId, assetId: kept?.assetId ?? "", prefix: acme.keyId };
});
afterAll(() => api.stop());

/** All rows of all tables that belong to acme, but for when its key was last used. */
async function rowsOfAcme(): Promise<string[]> {
  const { pool } = api.context.database;
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema IN ('public', 'pgboss') ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(
      `SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${name} AS t ORDER BY 1`, // a name that PostgreSQL quoted
    );
    const own = [acme.businessId, acme.keyId, acmeAccount.accountId, ...Object.values(ids)];
    found.push(...rows.filter(({ row }) => own.some((id) => row.includes(id))).map(({ row }) => `${name} ${row}`));
  }
  return found.filter((row) => !row.includes(other.businessId));
}

/** What an answer says beyond the ids that the request itself named. */
function saidBeyond(request: ReturnType<typeof requestOf>, body: string): string {
  const named = Object.values(ids).filter((id) => `${request.url} ${JSON.stringify(request.payload)}`.includes(id));
  return named.reduce((text, id) => text.replaceAll(id, ""), body);
}

const secretsOfAcme = () => [mark, acme.businessId, acme.keyId, ...Object.values(ids), '"tiktokCsrfToken":{"updatedAt'];

test("the control: acme has rows in many tables, and its own key is shown them", async () => {
  const tables = new Set((await rowsOfAcme()).map((row) => row.split(" ")[0]));
  for (const table of [
    "api_keys",
    "credentials",
    "end_user_keys",
    "credential_access",
    "tasks",
    "sessions",
    "webhook_endpoints",
    "businesses",
    "accounts",
    "account_sign_ins",
    "account_sessions",
  ])
    expect(tables).toContain(`public.${table}`);
  const telling: string[] = [];
  for (const route of list.filter(({ method }) => method === "GET")) {
    const request = requestOf(route, ids);
    const { body } = await (route.auth === "account" ? acmeAccount : acme).call(request.method, request.url);
    if (secretsOfAcme().some((secret) => saidBeyond(request, body).includes(secret))) telling.push(route.id);
  }
  expect(telling).toEqual([
    "list-end-users",
    "get-credentials",
    "get-sealing-key",
    "list-credential-access",
    "get-task",
    "list-sessions",
    "get-session",
    "get-settings",
    "list-webhook-endpoints",
    "list-api-keys",
  ]);
});

describe.each(list.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_name, route) => {
  test.each([
    ["key", () => other],
    ["account", () => otherAccount],
  ] as const)(
    "with another business's %s and acme's ids says nothing of acme, and changes nothing of it",
    async (_name, caller) => {
      const before = await rowsOfAcme();
      const request = requestOf(route, ids);
      const response = await caller().call(request.method, request.url, request.payload);
      const said = `${saidBeyond(request, response.body)} ${JSON.stringify(response.headers)}`;
      for (const secret of secretsOfAcme()) expect(said).not.toContain(secret);
      expect(await rowsOfAcme()).toEqual(before);

      // Ids that nobody has are answered just the same; of a task and a session the contract tells the two apart.
      const unknown = requestOf(route, { endUserId: `bob-${mark}` });
      const { statusCode } = await caller().call(unknown.method, unknown.url, unknown.payload);
      const isTold = /\{(taskId|sessionId)\}/.test(route.path) || route.id === "submit-task";
      if (isTold) expect(response.statusCode).toBe(403);
      else expect(response.statusCode).toBe(statusCode);
    },
  );
});
