import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
});
afterAll(() => api.stop());

test("settings are each business's own, empty at first, and replaced whole", async () => {
  const empty = { allowedHosts: [], embedOrigins: [] };
  expect((await acme.call("GET", "/v1/settings")).json()).toEqual(empty);
  for (const allowedHosts of [["example.com", ".example.org"], [".example.net"], []]) {
    expect((await acme.call("PUT", "/v1/settings", { allowedHosts })).json()).toEqual({ ...empty, allowedHosts });
    expect((await acme.call("GET", "/v1/settings")).json()).toEqual({ ...empty, allowedHosts });
  }
  await acme.call("PUT", "/v1/settings", { allowedHosts: ["example.com"], embedOrigins: ["https://app.example.com"] });
  expect((await other.call("GET", "/v1/settings")).json()).toEqual(empty);
});

test("a client that knows nothing of embedOrigins does not empty them", async () => {
  const embedOrigins = ["https://app.example.com", "http://localhost:5173"];
  await acme.call("PUT", "/v1/settings", { allowedHosts: [], embedOrigins });
  await acme.call("PUT", "/v1/settings", { allowedHosts: ["example.com"] });
  expect((await acme.call("GET", "/v1/settings")).json()).toEqual({ allowedHosts: ["example.com"], embedOrigins });
  await acme.call("PUT", "/v1/settings", { allowedHosts: [], embedOrigins: [] });
  expect((await acme.call("GET", "/v1/settings")).json()).toMatchObject({ embedOrigins: [] });
});

test.each([
  "http://app.example.com",
  "https://app.example.com/",
  "https://app.example.com/path",
  "https://APP.example.com",
  "https://app.example.com:443",
  "https://*.example.com",
  "https://user@app.example.com",
  "http://localhost.example.com",
  "https://a.example;script-src https://b.example",
  "https://a.example https://b.example",
  "data:text/html,x",
  "null",
  "*",
  "",
])("%j is no origin that may embed", async (origin) => {
  const response = await acme.call("PUT", "/v1/settings", { allowedHosts: [], embedOrigins: [origin] });
  expect([response.statusCode, response.json().error]).toEqual([400, expect.stringMatching(/^embedOrigins: /)]);
  expect((await acme.call("GET", "/v1/settings")).json()).toMatchObject({ embedOrigins: [] });
});

const wrong: [unknown, RegExp][] = [
  [{}, /allowedHosts must be an array/],
  [[], /such as \{"allowedHosts"/],
  [{ allowedHosts: "example.com" }, /must be an array/],
  [{ allowedHosts: [1] }, /must be an array of hosts/],
  [{ allowedHosts: [".com"] }, /".com" would allow a whole top-level domain/],
  [{ allowedHosts: ["db.internal"] }, /"db.internal" is a private name/],
  [{ allowedHosts: ["10.0.0.1"] }, /"10.0.0.1" is a private name/],
  [{ allowedHosts: Array.from({ length: 51 }, () => "example.com") }, /more than 50/],
];

test.each([...wrong, [{ allowedHosts: [], more: 1 }, /may hold only "allowedHosts"/] as const])(
  "the setting %j is refused in words, and nothing changes",
  async (body, says) => {
    await acme.call("PUT", "/v1/settings", { allowedHosts: ["kept.example"], embedOrigins: [] });
    const response = await acme.call("PUT", "/v1/settings", body);
    expect([response.statusCode, response.json().error]).toEqual([400, expect.stringMatching(says)]);
    expect((await acme.call("GET", "/v1/settings")).json()).toMatchObject({ allowedHosts: ["kept.example"] });
  },
);

test.each(wrong.slice(2))("so is a task with %j", async (body, says) => {
  const response = await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read", ...(body as object) });
  expect([response.statusCode, response.json().error]).toEqual([400, expect.stringMatching(says)]);
});
