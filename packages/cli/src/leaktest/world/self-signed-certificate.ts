import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** What a TLS server needs, PEM. The certificate is its own authority, so that a browser can be told to trust it alone. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

const dayMs = 86_400_000;
const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));

/**
 * Makes a certificate for these host names, `*.` allowed, valid today; its key exists in this process only.
 *
 * Node makes keys and signatures but no certificates. The few fields that are written here (RFC 5280) are less than the
 * dependencies that would write them. Nobody but the leaktest's own browsers is asked to trust it.
 */
export function createSelfSignedCertificate(hosts: readonly string[]): ServerCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(objectId("550403"), element(0x0c, Buffer.from("Stablehand leaktest")))));
  const names = hosts.map((host) => element(0x82, Buffer.from(host, "latin1")));
  const extensions = sequence(
    // basicConstraints, critical: it is a CA's
    sequence(
      objectId("551d13"),
      element(0x01, Buffer.from([0xff])),
      octets(sequence(element(0x01, Buffer.from([0xff])))),
    ),
    sequence(objectId("551d11"), octets(sequence(...names))), // subjectAltName
  );
  const signed = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))), // version 3
    element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])), // serial number, positive
    ecdsaWithSha256,
    name,
    sequence(utcTime(Date.now() - dayMs), utcTime(Date.now() + dayMs)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, extensions),
  );
  const signature = sign("sha256", signed, privateKey);
  const certificate = sequence(signed, ecdsaWithSha256, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = certificate.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

/** One DER element: tag, length, content. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return element(0x31, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return element(0x04, content);
}

function objectId(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, "hex"));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}
