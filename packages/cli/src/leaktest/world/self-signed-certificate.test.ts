import { X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { listen } from "./listen.ts";
import { createSelfSignedCertificate } from "./self-signed-certificate.ts";

test("a certificate is a CA's, signed by its own key, for its hosts, and valid today", () => {
  const made = new X509Certificate(createSelfSignedCertificate(["x.com", "*.attacker.example"]).cert);
  expect(made.ca).toBe(true);
  expect(made.verify(made.publicKey)).toBe(true);
  expect(made.subjectAltName).toBe("DNS:x.com, DNS:*.attacker.example");
  expect(made.validFromDate.getTime()).toBeLessThan(Date.now());
  expect(made.validToDate.getTime()).toBeGreaterThan(Date.now());
});

test("whoever trusts it alone connects to its server by a name of it, and not by another", async () => {
  const certificate = createSelfSignedCertificate(["x.com"]);
  const server = createServer(certificate);
  const port = await listen(server);
  const outcome = (servername: string) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, servername, ca: certificate.cert });
      socket.once("secureConnect", () => resolve("connected"));
      socket.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
      socket.once("close", () => socket.destroy());
      setTimeout(() => socket.end(), 50);
    });
  expect(await outcome("x.com")).toBe("connected");
  expect(await outcome("y.com")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  server.closeAllConnections();
  server.close();
});
