import { expect, test } from "vitest";
import { signEvent } from "./sign-event.ts";

test("a signature is the one that Standard Webhooks publishes for its example", () => {
  const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
  const event = { eventId: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' };
  expect(signEvent(secret, event, new Date(1_614_265_330_999))).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("the body is signed as the bytes that are sent: UTF-8", () => {
  const { "webhook-signature": signature } = signEvent(
    Buffer.alloc(32, 1),
    { eventId: "evt_1", body: "é" },
    new Date(0),
  );
  expect(signature).toBe("v1,uQpJxqk0yWsk2gZ9egIWR0iz1FV3AWyCNsxgFGDb72U="); // by Python's hmac
});
