import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPublicAddress } from "@stablehand/contract";
import { ConfigError } from "@stablehand/core/env";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCertificateAuthority } from "../../../../tests/support/fake-platforms/certificates.ts";
import { internet } from "../cage/internet.ts";
import { parseEgress } from "./egress.ts";

let directory: string;
let caFile: string;
let leafFile: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "egress-"));
  caFile = join(directory, "ca.pem");
  leafFile = join(directory, "leaf.pem");
  const authority = await createCertificateAuthority();
  await writeFile(caFile, authority.certificate);
  await writeFile(leafFile, (await authority.issue(["x.com"])).cert);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test("without settings, the internet is the real one", () => {
  expect(parseEgress({})).toEqual({ internet, chromiumFlags: [] });
});

test.each([{ EGRESS_HOST_MAP: "x.com:443=127.0.0.1:9443" }, { EGRESS_CA_FILE: "/ca.pem" }])(
  "%o is refused outside test mode",
  (env) => {
    expect(() => parseEgress(env)).toThrow(/for tests only: remove it, or set EGRESS_TEST_MODE=1/);
    expect(() => parseEgress({ ...env, EGRESS_TEST_MODE: "" })).toThrow(ConfigError);
  },
);

test("a test mode that is neither 1 nor absent is refused rather than guessed", () => {
  expect(() => parseEgress({ EGRESS_TEST_MODE: "true" })).toThrow(ConfigError);
});

test("in test mode the mapped names have public addresses of their own, and no other name has any", async () => {
  const map = "x.com:443=127.0.0.1:9443, API.x.com:443=127.0.0.2:1,x.com:80=127.0.0.1:9080";
  const { resolveName } = parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: map }).internet;
  const addresses = [...(await resolveName("x.com")), ...(await resolveName("api.x.com"))];
  expect(addresses.filter(isPublicAddress)).toEqual(addresses);
  expect(new Set(addresses).size).toBe(2);
  await expect(resolveName("www.x.com")).rejects.toThrow("no such host");
  await expect(parseEgress({ EGRESS_TEST_MODE: "1" }).internet.resolveName("x.com")).rejects.toThrow("no such host");
});

test.each([
  "x.com",
  "x.com=127.0.0.1:9443",
  "x.com:443=127.0.0.1",
  "x.com:443=9.9.9.9:443",
  "x.com:443=127.0.0.1.evil.example:1",
  "x.com:443=127.0.0.256:1",
  "x.com:443=localhost:1",
  "x.com:0=127.0.0.1:1",
  "x.com:443=127.0.0.1:65536",
  "*.x.com:443=127.0.0.1:1",
  "x.com:443 127.0.0.1:1",
  "x.com:443=127.0.0.1:1,",
  "x.com:443=127.0.0.1:1,x.com:443=127.0.0.1:2",
])("the map %j is refused, because it is malformed, ambiguous or leads off the machine", (map) => {
  expect(() => parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: map })).toThrow(ConfigError);
});

test("the CA is pinned by the hash of its public key", () => {
  const { chromiumFlags } = parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_CA_FILE: caFile });
  expect(chromiumFlags[0]).toMatch(/^--ignore-certificate-errors-spki-list=[A-Za-z0-9+/]{43}=$/);
});

test("a CA file that is missing, no certificate or not of a CA is refused by name", () => {
  const parse = (file: string) => () => parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_CA_FILE: file });
  expect(parse(join(directory, "none.pem"))).toThrow(/none\.pem.*must be a readable PEM certificate/);
  expect(parse(import.meta.filename)).toThrow(/must be a readable PEM certificate/);
  expect(parse(leafFile)).toThrow(/not of a CA/);
});
