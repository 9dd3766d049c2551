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

/**
 * Decides who a request is from: the one place where that is decided.
 *
 * The key is looked up for every request, so that a revocation holds from the next one on, on every process.
 * Throws `missing_authorization`, `invalid_token` or `key_revoked`.
 */
export async function authenticate(
  request: FastifyRequest,
  findApiKey: Coalesced<Buffer, KnownKey | null>,
): Promise<Caller> {
  const token = readToken(request);
  const key = looksLikeSecret(token) ? await findApiKey(hashSecret(token)) : null;
  if (!key) throw new AppError("invalid_token", "This API key was never issued. Check that it was copied whole.");
  if (key.revoked)
    throw new AppError("key_revoked", `The API key ${key.keyId} has been revoked. Use another one, or create one.`);
  return { businessId: key.businessId, keyId: key.keyId };
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
