import { AppError, type Route, type Scope } from "@stablehand/contract";
import type { Coalesced } from "@stablehand/core/coalesce";
import type { BusinessId } from "@stablehand/core/ids";
import { hashSecret, type KnownKey, looksLikeSecret } from "@stablehand/core/store/api-keys";
import type { FastifyRequest } from "fastify";

/** Who is asking. Every function that touches a tenant's data takes `businessId` from here and nowhere else. */
export interface Caller {
  readonly businessId: BusinessId;
  readonly keyId: string;
  /** Null is all. A key's scopes and prefix never change. */
  readonly scopes: readonly Scope[] | null;
  /** What the id of an end-user has to begin with for this caller; null allows all. */
  readonly endUserPrefix: string | null;
}

/** Decides who a request is from: the one place where that is decided, and, below, what it may do. */
export interface Authenticator {
  /**
   * Looks the key up, now: a revocation that has returned, on whatever process, is seen.
   *
   * Throws `missing_authorization`, `invalid_token`, `key_expired` or `key_revoked`.
   */
  authenticate(request: FastifyRequest): Promise<Caller>;
  /**
   * Knows a caller from before without asking the database, and authenticates any other.
   *
   * Only for work whose own statement refuses a key that is revoked or has expired, and whose failures are answered after `authenticate`.
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
    if (key.expired)
      throw new AppError("key_expired", `The API key ${key.keyId} has expired. Use the one that replaced it.`);
    const { businessId, keyId, scopes, endUserPrefix } = key;
    const caller = { businessId, keyId, scopes, endUserPrefix };
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

/** Throws `scope_missing` when the caller's key is too narrow for this route, whatever the request says. */
export function requireScope(caller: Caller, { scope }: Route): void {
  const { scopes, endUserPrefix } = caller;
  if (scope === "whole" && (scopes !== null || endUserPrefix !== null))
    throw new AppError("scope_missing", "This takes an API key that is narrowed neither by scopes nor to end-users.");
  if (scope === "whole" || scope === undefined || scopes === null || scopes.includes(scope)) return;
  throw new AppError(
    "scope_missing",
    `This takes the scope ${scope}, which this API key does not have: it has ${scopes.join(", ")}.`,
  );
}

/** What of a request may name an end-user, checked by the route's schemas. */
export interface NamedEndUser {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Throws `end_user_not_allowed` when the caller's key is for other end-users than the one that the request names, or when
 * the request is about all of them. Where the end-user is that of a stored task, `requireEndUser` does it.
 */
export function requireNamedEndUser(caller: Caller, { endUser }: Route, named: NamedEndUser): void {
  if (caller.endUserPrefix === null || endUser === undefined || endUser === "stored") return;
  if (endUser === "all") throw narrowed(caller.endUserPrefix, "This is about all end-users");
  const { endUserId } = named[endUser] as { readonly endUserId?: string }; // a test looks that the schema has it
  if (endUserId === undefined) throw narrowed(caller.endUserPrefix, "Name one of them with endUserId");
  requireEndUser(caller, endUserId);
}

/** Throws `end_user_not_allowed` when the caller's key is not for this end-user. */
export function requireEndUser({ endUserPrefix }: Caller, endUserId: string): void {
  if (endUserPrefix !== null && !endUserId.startsWith(endUserPrefix)) throw narrowed(endUserPrefix, "Not for this one");
}

function narrowed(prefix: string, what: string): AppError {
  const text = `This API key is only for end-users whose id begins with ${JSON.stringify(prefix)}. ${what}.`;
  return new AppError("end_user_not_allowed", text);
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
