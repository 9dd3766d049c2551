import { expect, test } from "vitest";
import { signEvent } from "../../worker/src/webhooks/sign-event.ts";
import { WebhookVerificationError } from "./errors.ts";
import { verifyWebhook } from "./verify-webhook.ts";

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString("base64")}`;
const body = '{"type":"task.completed","data":{"endUserId":"é"}}';
const now = 1_795_510_800_000;
const signed = (at = now) => signEvent(key, { eventId: "evt_1", body }, new Date(at));

test("gives the event that a worker signed, whatever form headers and body come in", async () => {
  const event = JSON.parse(body) as object;
  expect(await verifyWebhook(secret, signed(), body, { now })).toEqual(event);
  expect(await verifyWebhook(secret, new Headers(signed()), Buffer.from(body), { now })).toEqual(event);
  const capital = Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), [value]]));
  expect(await verifyWebhook(secret, capital, new TextEncoder().encode(body), { now })).toEqual(event);
});

test("gives the event that Standard Webhooks publishes as its example", async () => {
  const headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };
  const published = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const text = '{"test": 2432232314}';
  expect(await verifyWebhook(published, headers, text, { now: 1_614_265_330_999 })).toEqual({ test: 2_432_232_314 });
});

test("takes either of two secrets, and a signature that stands beside another's", async () => {
  const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
  expect(await verifyWebhook([other, secret], signed(), body, { now })).toBeTruthy();
  const two = { ...signed(), "webhook-signature": `v2,x v1,AAAA ${signed()["webhook-signature"]}` };
  expect(await verifyWebhook(secret, two, body, { now })).toBeTruthy();
});

test.each([
  ["another secret", `whsec_${Buffer.alloc(32, 8).toString("base64")}`, signed(), body],
  ["a changed body", secret, signed(), body.replace("é", "e")],
  ["a changed id", secret, { ...signed(), "webhook-id": "evt_2" }, body],
  ["a changed time", secret, { ...signed(), "webhook-timestamp": "1795510801" }, body],
  ["more than five minutes ago", secret, signed(now - 301_000), body],
  ["more than five minutes ahead", secret, signed(now + 301_000), body],
  ["no signature", secret, { ...signed(), "webhook-signature": undefined }, body],
  ["an empty signature", secret, { ...signed(), "webhook-signature": "v1," }, body],
  ["a signature that is no base64", secret, { ...signed(), "webhook-signature": "v1,***" }, body],
  ["a time that is none", secret, { ...signed(), "webhook-timestamp": "now" }, body],
  ["a secret that is none", "whsec_***", signed(), body],
  ["an empty secret", "whsec_", signed(), body],
])("refuses %s, without naming secret or signature", async (_what, given, headers, text) => {
  const error: unknown = await verifyWebhook(given, headers, text, { now }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WebhookVerificationError);
  expect(String(error)).not.toContain(key.toString("base64"));
});
