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
  expect((await acme.call("GET", "/v1/settings")).json()).toEqual({ allowedHosts: [] });
  for (const allowedHosts of [["example.com", ".example.org"], [".example.net"], []]) {
    expect((await acme.call("PUT", "/v1/settings", { allowedHosts })).json()).toEqual({ allowedHosts });
    expect((await acme.call("GET", "/v1/settings")).json()).toEqual({ allowedHosts });
  }
  await acme.call("PUT", "/v1/settings", { allowedHosts: ["example.com"] });
  expect((await other.call("GET", "/v1/settings")).json()).toEqual({ allowedHosts: [] });
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
    await acme.call("PUT", "/v1/settings", { allowedHosts: ["kept.example"] });
    const response = await acme.call("PUT", "/v1/settings", body);
    expect([response.statusCode, response.json().error]).toEqual([400, expect.stringMatching(says)]);
    expect((await acme.call("GET", "/v1/settings")).json()).toEqual({ allowedHosts: ["kept.example"] });
  },
);

test.each(wrong.slice(2))("so is a task with %j", async (body, says) => {
  const response = await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read", ...(body as object) });
  expect([response.statusCode, response.json().error]).toEqual([400, expect.stringMatching(says)]);
});
