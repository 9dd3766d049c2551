import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

// What can be sent only over a real connection.

let api: TestApi;
let acme: TestBusiness;
let port: number;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  port = Number(new URL(await api.app.listen({ host: "127.0.0.1", port: 0 })).port);
});
afterAll(() => api.stop());

/** Sends bytes as they are and gives all that comes back until the server closes. */
function send(bytes: string): Promise<{ status: number; head: string; body: { code: string; requestId: string } }> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
    socket.once("error", reject);
    socket.once("close", () => {
      const [head = "", body = ""] = text.split("\r\n\r\n");
      resolve({ status: Number(head.split(" ")[1]), head, body: JSON.parse(body) });
    });
  });
}

const path = "/v1/end-users/alice/credentials";
const request = (...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, "host: x", "connection: close", ...headers, "", ""].join("\r\n");

describe("two Authorization headers", () => {
  test.each<[string, (good: string) => string[]]>([
    ["the same twice", (good) => [good, good]],
    ["a good one first", (good) => [good, "authorization: Bearer other"]],
    ["a good one last, in other case", (good) => ["AUTHORIZATION: Basic x", good]],
  ])("%s, are 401: none is chosen", async (_name, headers) => {
    const good = `Authorization: Bearer ${acme.secret}`;
    expect((await send(request(good))).status).toBe(200);
    const { status, body } = await send(request(...headers(good)));
    expect([status, body.code]).toEqual([401, "invalid_token"]);
  });
});

describe("what is no request", () => {
  test.each([
    ["bytes that are not HTTP", "\u0001\u0002\r\n\r\n", 400],
    ["a control character in the path", "GET /\u0001 HTTP/1.1\r\nhost: x\r\n\r\n", 400],
    ["two lengths", "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400],
    ["a head over 16 KiB", `GET /${"x".repeat(17_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
  ])("%s, is answered as JSON with an id, and the connection is closed", async (_name, bytes, wanted) => {
    const { status, head, body } = await send(bytes);
    expect(status).toBe(wanted);
    expect(head).toContain(`x-request-id: ${body.requestId}`);
    expect(body).toEqual({ error: expect.any(String), code: "invalid_request", requestId: expect.any(String) });
  });
});
