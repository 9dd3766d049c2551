import { randomBytes } from "node:crypto";
import type { AssetId } from "@stablehand/core/ids";
import { expect, test } from "vitest";
import { createAssetLinks } from "./asset-links.ts";

const assetId = "0b8f4a1e-6d0c-4c0e-9a53-0d4f4a8f2b11" as AssetId; // a test's own
const key = Buffer.alloc(32, 7);
const at = 1_800_000_000_000;

function partsOf(path: string) {
  const { pathname, searchParams } = new URL(path, "http://127.0.0.1");
  return [
    pathname.split("/").at(-1) ?? "",
    Number(searchParams.get("expires")),
    searchParams.get("signature") ?? "",
  ] as const;
}

test("an address is valid until its last second, and expired from then on", () => {
  const parts = partsOf(createAssetLinks(key, 60, () => at).pathTo(assetId));
  expect(createAssetLinks(key, 60, () => at + 59_999).check(...parts)).toBe("valid");
  expect(createAssetLinks(key, 60, () => at + 60_000).check(...parts)).toBe("expired");
});

test("another id, another end, another key or another signature is forged, also when it is over", () => {
  const links = createAssetLinks(key, 60, () => at);
  const [id, expires, signature] = partsOf(links.pathTo(assetId));
  expect(links.check(id.replace("0b", "0c"), expires, signature)).toBe("forged");
  expect(links.check(id.toUpperCase(), expires, signature)).toBe("forged");
  expect(links.check(id, expires + 1, signature)).toBe("forged");
  expect(links.check(id, 1, signature)).toBe("forged");
  for (let n = 0; n < 32; n++) {
    const bytes = Buffer.from(signature, "base64url");
    bytes[n] = (bytes[n] ?? 0) ^ 1;
    expect(links.check(id, expires, bytes.toString("base64url"))).toBe("forged");
  }
  for (const other of ["", "x", signature.slice(1), `${signature}AAAA`])
    expect(links.check(id, expires, other)).toBe("forged");
  expect(createAssetLinks(randomBytes(32), 60, () => at).check(id, expires, signature)).toBe("forged");
});
