import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";

const directory = join(checkout, "packages/api/assets");

test("the API reference's script is the one of the npm package, byte for byte", () => {
  const scripts = readdirSync(directory).filter((name) => name.endsWith(".js.gz"));
  expect(scripts).toEqual(["scalar-api-reference-1.72.1.js.gz"]);
  const script = gunzipSync(readFileSync(join(directory, scripts[0] ?? "")));
  expect(createHash("sha256").update(script).digest("hex")).toBe(
    "bf091006bdc3af6067af77c2f534812e3e633e94a94e87138069f570f33b762c",
  );
});
