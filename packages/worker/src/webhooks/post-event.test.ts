import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCertificateAuthority } from "../../../../tests/support/fake-platforms/certificates.ts";
import { hang, startWebhookReceiver, type WebhookReceiver } from "../../../../tests/support/webhook-receiver.ts";
import { type PostOptions, postEvent } from "./post-event.ts";

let receiver: WebhookReceiver;
let other: WebhookReceiver;

beforeEach(async () => {
  receiver = await startWebhookReceiver();
  other = await startWebhookReceiver();
});
afterEach(() => Promise.all([receiver.stop(), other.stop()]));

const unaborted = new AbortController().signal;
const resolveName = async () => ["127.0.0.1"];
const privately: PostOptions = { allowPrivate: true, resolveName, deadlineMs: 5_000, signal: unaborted };
const publicly: PostOptions = { ...privately, allowPrivate: false };
const post = (url: string, options: PostOptions) => postEvent(url, { "webhook-id": "evt_1" }, '{"é":1}', options);

test("an event is posted as it is, and the answer's status is the result", async () => {
  receiver.answerWith({ status: 202, headers: { "retry-after": "7" } });
  expect(await post(`${receiver.url}?a=1`, privately)).toEqual({ status: 202, retryAfter: "7" });
  expect(receiver.received).toMatchObject([
    { path: "/hooks?a=1", body: '{"é":1}', headers: { "webhook-id": "evt_1", "content-length": "8" } },
  ]);
});

test("a redirect is not followed", async () => {
  receiver.answerWith({ status: 307, headers: { location: other.url } });
  expect(await post(receiver.url, privately)).toMatchObject({ status: 307 });
  expect(other.received).toEqual([]);
});

describe("nothing is sent to a private address", () => {
  test.each([
    ["http", () => receiver.url, /https/],
    ["an address in the URL", () => `https://127.0.0.1:${receiver.port}/`, /private/],
    ["another form of it", () => `https://2130706433:${receiver.port}/`, /private/],
    ["a local name", () => `https://localhost:${receiver.port}/`, /private/],
    ["a public name that leads there", () => `https://example.com:${receiver.port}/`, /private/],
  ])("by %s", async (_name, url, problem) => {
    expect(await post(url(), publicly)).toMatchObject({ problem: expect.stringMatching(problem) });
    expect([receiver.received, receiver.openMax]).toEqual([[], 0]);
  });

  test("also where only one of a name's addresses is private", async () => {
    const mixed = { ...publicly, resolveName: async () => ["203.0.114.1", "::ffff:127.0.0.1"] };
    expect(await post(`https://example.com:${receiver.port}/`, mixed)).toMatchObject({
      problem: expect.stringMatching(/private/),
    });
  });
});

test("the address that was looked at is the one that is dialled, whatever the name leads to a moment later", async () => {
  const asked: string[] = [];
  const rebinding = {
    ...publicly,
    deadlineMs: 50,
    resolveName: async (name: string) => {
      asked.push(name);
      return asked.length === 1 ? ["203.0.114.1"] : ["127.0.0.1"];
    },
  };
  expect(await post(`https://example.com:${receiver.port}/`, rebinding)).toHaveProperty("problem");
  expect(asked).toEqual(["example.com"]);
  expect(receiver.openMax).toBe(0);
});

test("a name without an address, and a name that is never resolved, end in words", async () => {
  const unknown = async () => {
    throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
  };
  const url = "https://nowhere.example/";
  expect(await post(url, { ...publicly, resolveName: unknown })).toEqual({
    problem: "the connection failed (ENOTFOUND)",
  });
  expect(await post(url, { ...publicly, deadlineMs: 50, resolveName: () => new Promise(() => {}) })).toEqual({
    problem: "no answer within 0.05 s",
  });
});

test("over TLS, only a certificate that is valid for the name is spoken to", async () => {
  const authority = await createCertificateAuthority();
  const secure = await startWebhookReceiver(await authority.issue(["localhost"]));
  const trusted = getCACertificates("default");
  try {
    const url = `https://localhost:${secure.port}/`;
    expect(await post(url, privately)).toEqual({ problem: "the connection failed (SELF_SIGNED_CERT_IN_CHAIN)" });
    expect(secure.received).toEqual([]);
    setDefaultCACertificates([...trusted, authority.certificate]);
    expect(await post(url, privately)).toMatchObject({ status: 200 });
    expect(await post(`https://127.0.0.1:${secure.port}/`, privately)).toEqual({
      problem: "the connection failed (ERR_TLS_CERT_ALTNAME_INVALID)",
    });
  } finally {
    setDefaultCACertificates(trusted);
    await secure.stop();
  }
});

describe("a receiver cannot keep the sender", () => {
  test("by not answering, or not ending its head", async () => {
    const hasty = { ...privately, deadlineMs: 50 };
    receiver.answerWith(hang);
    expect(await post(receiver.url, hasty)).toEqual({ problem: "no answer within 0.05 s" });
    receiver.answerWith((response) => response.socket?.write("HTTP/1.1 200 OK\r\nx: "));
    expect(await post(receiver.url, hasty)).toEqual({ problem: "no answer within 0.05 s" });
  });

  test("by a body that does not end: the status counts", async () => {
    receiver.answerWith((response) => response.writeHead(200).write("still thinking"));
    expect(await post(receiver.url, { ...privately, deadlineMs: 50 })).toMatchObject({ status: 200 });
    receiver.answerWith((response) => {
      const more = () => {
        while (response.write("x".repeat(65_536)));
      };
      response.writeHead(200).on("drain", more);
      more();
    });
    expect(await post(receiver.url, privately)).toMatchObject({ status: 200 });
  });

  test("by a head without end, or no HTTP at all", async () => {
    receiver.answerWith((response) => response.socket?.write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}\r\n\r\n`));
    expect(await post(receiver.url, privately)).toEqual({ problem: "the connection failed (HPE_HEADER_OVERFLOW)" });
    receiver.answerWith((response) => response.socket?.end("SSH-2.0-OpenSSH\r\n"));
    expect(await post(receiver.url, privately)).toEqual({ problem: "the connection failed (HPE_INVALID_CONSTANT)" });
  });

  test("by asking for another protocol", async () => {
    receiver.answerWith((response) =>
      response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"),
    );
    expect(await post(receiver.url, { ...privately, deadlineMs: 500 })).toHaveProperty("problem");
  });
});

test("an attempt that is ended from outside rejects", async () => {
  receiver.answerWith(hang);
  const ended = new AbortController();
  const attempt = post(receiver.url, { ...privately, signal: ended.signal });
  await expect.poll(() => receiver.received.length).toBe(1);
  ended.abort();
  await expect(attempt).rejects.toThrow();
});
