import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** Who signs in at the provider. */
export interface OidcPerson {
  readonly sub: string;
  readonly email: string;
  readonly emailVerified: boolean;
}

/** What is wrong with the next ID token; `keys`: its discovery names none to verify one with. */
export type OidcFault = "signature" | "audience" | "issuer" | "expired" | "nonce" | "keys" | null;

/** An OpenID provider on loopback: discovery, authorization code with PKCE, signed ID tokens. */
export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is signed in there, and so comes back with a code. */
  person: OidcPerson;
  fault: OidcFault;
  /** What the last authorization request asked. */
  asked: URLSearchParams | null;
  stop(): Promise<void>;
}

interface Grant {
  readonly person: OidcPerson;
  readonly nonce: string | null;
  readonly challenge: string | null;
  readonly redirectUri: string | null;
}

/**
 * Starts a provider. It grants whatever is asked, and gives tokens for a code once, to whoever has the secret and the verifier.
 *
 * As `localhost` it is another site than a server that is opened as 127.0.0.1, as providers are.
 */
export async function startOidcProvider(
  person: OidcPerson,
  host: "127.0.0.1" | "localhost" = "127.0.0.1",
): Promise<OidcProvider> {
  const [own, other] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const publicKey = { ...(await exportJWK(own.publicKey)), kid: "k1", alg: "RS256", use: "sig" };
  const grants = new Map<string, Grant>();

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          ...(provider.fault !== "keys" && { jwks_uri: `${issuer}/jwks` }),
          id_token_signing_alg_values_supported: ["RS256"],
          response_types_supported: ["code"],
        });
      case "/jwks":
        return json({ keys: [publicKey] });
      case "/authorize": {
        provider.asked = url.searchParams;
        const code = randomBytes(16).toString("hex");
        grants.set(code, {
          person: provider.person,
          nonce: url.searchParams.get("nonce"),
          challenge: url.searchParams.get("code_challenge"),
          redirectUri: url.searchParams.get("redirect_uri"),
        });
        const back = new URL(url.searchParams.get("redirect_uri") ?? "");
        back.searchParams.set("code", code);
        back.searchParams.set("state", url.searchParams.get("state") ?? "");
        return response.writeHead(302, { location: back.href }).end();
      }
      case "/token": {
        let body = "";
        for await (const chunk of request) body += chunk;
        const form = new URLSearchParams(body);
        const code = form.get("code") ?? "";
        const grant = grants.get(code);
        grants.delete(code);
        const verifier = createHash("sha256")
          .update(form.get("code_verifier") ?? "")
          .digest("base64url");
        const isClient = form.get("client_secret") === provider.clientSecret;
        if (!grant || !isClient || verifier !== grant.challenge || form.get("redirect_uri") !== grant.redirectUri)
          return json({ error: "invalid_grant" }, 400);
        return json({
          access_token: "an-access-token",
          token_type: "Bearer",
          expires_in: 300,
          id_token: await sign(grant),
        });
      }
      default:
        return json({}, 404);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`; // of a TCP server
  const provider: OidcProvider = {
    issuer,
    clientId: "stablehand",
    clientSecret: "oidc-secret",
    person,
    fault: null,
    asked: null,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function sign({ person: who, nonce }: Grant): Promise<string> {
    const { fault } = provider;
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({
      email: who.email,
      email_verified: who.emailVerified,
      name: who.email,
      ...(nonce !== null && { nonce: fault === "nonce" ? "another" : nonce }),
    })
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .setSubject(who.sub)
      .setIssuer(fault === "issuer" ? "https://other.example" : issuer)
      .setAudience(fault === "audience" ? "another-client" : provider.clientId)
      .setIssuedAt(now - 600)
      .setExpirationTime(fault === "expired" ? now - 300 : now + 300)
      .sign(fault === "signature" ? other.privateKey : own.privateKey);
  }

  return provider;
}
