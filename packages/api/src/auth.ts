import { AppError } from "@stablehand/contract";
import type { Coalesced } from "@stablehand/core/coalesce";
import type { BusinessId } from "@stablehand/core/ids";
import { hashSecret, type KnownKey, looksLikeSecret } from "@stablehand/core/store/api-keys";
import type { FastifyRequest } from "fastify";

/** Who is asking. Every function that touches a tenant's data takes `businessId` from here and nowhere else. */
export interface Caller {
  readonly businessId: BusinessId;
  readonly keyId: string;
}

/** Decides who a request is from: the one place where that is decided. */
export interface Authenticator {
  /**
   * Looks the key up, now: a revocation that has returned, on whatever process, is seen.
   *
   * Throws `missing_authorization`, `invalid_token` or `key_revoked`.
   */
  authenticate(request: FastifyRequest): Promise<Caller>;
  /**
   * Knows a caller from before without asking the database, and authenticates any other.
   *
   * Only for work whose own statement refuses a revoked key, and whose failures are answered after `authenticate`.
   */
  recognise(request: FastifyRequest): Promise<Caller>;
}

const recognisedMax = 10_000;

/** Makes the authenticator of one process. It remembers hashes of keys, 10,000 at most, never keys. */
export function createAuthenticator(findApiKey: Coalesced<Buffer, KnownKey | null>): Authenticator {
  const recognised = new Map<string, Caller>();

  async function lookUp(token: string): Promise<Caller> {
    const hash = hashSecret(token);
    const name = hash.toString("base64");
    const key = looksLikeSecret(token) ? await findApiKey(hash) : null;
    recognised.delete(name);
    if (!key) throw new AppError("invalid_token", "This API key was never issued. Check that it was copied whole.");
    if (key.revoked)
      throw new AppError("key_revoked", `The API key ${key.keyId} has been revoked. Use another one, or create one.`);
    const caller = { businessId: key.businessId, keyId: key.keyId };
    if (recognised.size >= recognisedMax) recognised.clear();
    recognised.set(name, caller);
    return caller;
  }

  return {
    authenticate: async (request) => lookUp(readToken(request)),
    async recognise(request) {
      const token = readToken(request);
      return recognised.get(hashSecret(token).toString("base64")) ?? lookUp(token);
    },
  };
}

function readToken(request: FastifyRequest): string {
  const sent = request.raw.rawHeaders.filter(
    (name, index) => index % 2 === 0 && name.toLowerCase() === "authorization",
  );
  if (sent.length > 1) throw new AppError("invalid_token", "There is more than one Authorization header. Send one.");
  const header = request.headers.authorization;
  if (header === undefined)
    throw new AppError("missing_authorization", "Send your API key in a header: Authorization: Bearer sb_live_…");
  const token = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (!token)
    throw new AppError("invalid_token", "The Authorization header must read: Bearer, a space, and your API key.");
  return token;
}
