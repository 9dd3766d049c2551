import { coalesce } from "@stablehand/core/coalesce";
import type { Database } from "@stablehand/core/database";
import { type AccountOfSession, findAccountSessions, findTokenKeys } from "@stablehand/core/store/accounts";
import { type CryptoKey, errors, importJWK, type JWK, jwtVerify } from "jose";
import type { SignedInAccount } from "../auth.ts";

/** Who makes the tokens, and for whom: both are this installation. */
export const tokenParties = { issuer: "stablehand", audience: "stablehand-api" } as const;

/** The one algorithm that tokens are signed with. */
export const tokenAlgorithm = "EdDSA";

/** Longer than any token lasts; one without an end is none of ours. */
const bounds = { algorithms: [tokenAlgorithm], requiredClaims: ["exp"], maxTokenAge: "15m" };

const lookups = { runsMax: 1, batchMax: 256 };
const keyIdShape = /^[\w-]{1,64}$/;

/**
 * Opens what finds the account of a token: null unless it was signed here, is not over, and its session lasts.
 *
 * The session is looked up each time, so signing out ends its tokens at once, on every process. Lookups that come together
 * share a statement. Public keys are remembered, of which there is a new one every few months.
 */
export function openAccountTokens({ db, pool }: Database): (token: string) => Promise<SignedInAccount | null> {
  const findSession = coalesce<string, AccountOfSession | null>({
    runAll: (ids) => findAccountSessions(pool, ids),
    ...lookups,
  });
  const findKey = coalesce<string, string | null>({ runAll: (ids) => findTokenKeys(db, ids), ...lookups });
  const keys = new Map<string, CryptoKey | Uint8Array>();

  async function keyOf({ kid = "" }: { kid?: string }): Promise<CryptoKey | Uint8Array> {
    const known = keys.get(kid);
    if (known) return known;
    const jwk = keyIdShape.test(kid) ? await findKey(kid) : null;
    if (jwk === null) throw new errors.JWKSNoMatchingKey();
    const key = await importJWK(JSON.parse(jwk) as JWK, tokenAlgorithm); // what the signer wrote
    keys.set(kid, key);
    return key;
  }

  return async (token) => {
    const sessionId = await jwtVerify(token, keyOf, { ...tokenParties, ...bounds }).then(
      ({ payload }) => payload["sid"],
      (error: unknown) => {
        if (error instanceof errors.JOSEError) return null;
        throw error; // the database's
      },
    );
    return typeof sessionId === "string" ? findSession(sessionId) : null;
  };
}
