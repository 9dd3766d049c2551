import { expect, test } from "vitest";
import { rememberSecrets } from "./remember-secrets.ts";

const owner = (endpointId: string) => ({ businessId: "biz", endpointId });

test("a secret is opened anew after five minutes, and when a thousand others came since", async () => {
  let now = 0;
  let opened = 0;
  const secrets = rememberSecrets(() => now);
  const open = async () => {
    opened += 1;
    return Buffer.from("secret");
  };
  const get = (name: string) => secrets.get(owner(name), Buffer.from("sealed"), open);
  await get("a");
  now = 299_999;
  await get("a");
  expect(opened).toBe(1);
  now = 300_000;
  await get("a");
  expect(opened).toBe(2);
  for (let n = 0; n < 1_000; n++) await get(`other-${n}`);
  await get("a");
  expect(opened).toBe(1_003);
});
