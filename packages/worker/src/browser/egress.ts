import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { ConfigError, type Env, flag } from "@stablehand/core/env";
import { type Internet, internet, type LocalPlace, mappedInternet } from "../cage/internet.ts";

/** What the browsers' way out is made of. */
export interface Egress {
  /** What every browser's proxy reaches. */
  readonly internet: Internet;
  readonly chromiumFlags: readonly string[];
}

/**
 * Reads `EGRESS_HOST_MAP` and `EGRESS_CA_FILE`, which lead the platforms' names to local servers in tests and the demo.
 *
 * Shape: `x.com:443=127.0.0.1:9443,…`, to loopback only, and a PEM file with one CA certificate, which the servers
 * must send in their chain. In test mode a name outside the map does not resolve, so nothing leaves the machine; ports
 * other than 80 and 443 stay closed, as everywhere.
 * Errors: ConfigError when either stands without `EGRESS_TEST_MODE=1`, or is malformed or unreadable.
 */
export function parseEgress(env: Env): Egress {
  if (!flag(env, "EGRESS_TEST_MODE")) {
    const forbidden = ["EGRESS_HOST_MAP", "EGRESS_CA_FILE"].find((name) => env[name]);
    if (!forbidden) return { internet, chromiumFlags: [] };
    throw new ConfigError(
      `${forbidden} is for tests only: remove it, or set EGRESS_TEST_MODE=1 on a machine for tests`,
    );
  }
  const pin = env.EGRESS_CA_FILE && `--ignore-certificate-errors-spki-list=${publicKeyHash(env.EGRESS_CA_FILE)}`;
  return { internet: mappedInternet(placesIn(env.EGRESS_HOST_MAP)), chromiumFlags: pin ? [pin] : [] };
}

const entryPattern = /^(?<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*):(?<port>\d+)=(?<address>[\d.]+):(?<localPort>\d+)$/;

function placesIn(map: string | undefined): ReadonlyMap<string, LocalPlace> {
  const places = new Map<string, LocalPlace>();
  for (const entry of map ? map.split(",") : []) {
    const { host, port, address, localPort } = entryPattern.exec(entry.trim().toLowerCase())?.groups ?? {};
    if (!host || !isPort(port) || !isPort(localPort) || !address || !isIPv4(address) || !address.startsWith("127."))
      throw new ConfigError(`EGRESS_HOST_MAP has "${entry}": each entry must look like x.com:443=127.0.0.1:9443`);
    const name = `${host}:${port}`;
    if (places.has(name)) throw new ConfigError(`EGRESS_HOST_MAP names ${name} twice: keep one`);
    places.set(name, { address, port: Number(localPort) });
  }
  return places;
}

function isPort(text: string | undefined): boolean {
  return Number(text) >= 1 && Number(text) <= 65_535;
}

/** Chromium forgives a chain that contains a certificate with this key, and no other: RFC 7469's pin, base64. */
function publicKeyHash(file: string): string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readFileSync(file));
  } catch (error) {
    throw new ConfigError(`EGRESS_CA_FILE is "${file}": it must be a readable PEM certificate`, { cause: error });
  }
  if (!certificate.ca) throw new ConfigError(`EGRESS_CA_FILE is "${file}": its certificate is not of a CA`);
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}
