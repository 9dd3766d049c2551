import "./reflect-metadata.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** What a TLS server needs: PEM, the chain with the CA's own certificate at its end, since the browser pins that. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A CA for tests. Its key exists in this process only. */
export interface CertificateAuthority {
  /** PEM. */
  readonly certificate: string;
  /** Issues a certificate for these host names; `*.` is allowed. */
  issue(hosts: readonly string[]): Promise<ServerCertificate>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const lifetimeMs = 7 * 24 * 60 * 60 * 1000;

/** Makes a new CA, valid for a week from yesterday on. */
export async function createCertificateAuthority(name = "Stablehand test CA"): Promise<CertificateAuthority> {
  const keys = await createKeys();
  const notBefore = new Date(Date.now() - lifetimeMs / 7);
  const validity = { notBefore, notAfter: new Date(notBefore.getTime() + lifetimeMs), signingAlgorithm: algorithm };
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: `CN=${name}`,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const certificate = root.toString("pem");

  async function issue(hosts: readonly string[]): Promise<ServerCertificate> {
    const own = await createKeys();
    const leaf = await X509CertificateGenerator.create({
      ...validity,
      subject: "CN=fake platforms",
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: "dns" as const, value }))),
      ],
    });
    const key = await crypto.subtle.exportKey("pkcs8", own.privateKey);
    return { key: PemConverter.encode(key, "PRIVATE KEY"), cert: `${leaf.toString("pem")}\n${certificate}` };
  }

  return { certificate, issue };
}

function createKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
