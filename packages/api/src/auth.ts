import { AppError, ownEndUser, type Route, type Scope } from "@stablehand/contract";
import type { Coalesced } from "@stablehand/core/coalesce";
import type { BusinessId } from "@stablehand/core/ids";
import { hashSecret, type KnownKey, looksLikeSecret } from "@stablehand/core/store/api-keys";
import type { FastifyRequest } from "fastify";

/** Who is asking. Every function that touches a tenant's data takes `businessId` from here and nowhere else. */
export interface Caller {
  readonly businessId: BusinessId;
  /** Null of a signed-in account, which may do everything for its business. */
  readonly keyId: string | null;
  /** Who it is in the access log: `key:` or `account:`, and an id. */
  readonly actor: string;
  /** Null is all. A key's scopes and prefix never change. */
  readonly scopes: readonly Scope[] | null;
  /** What the id of an end-user has to begin with for this caller; null allows all. */
  readonly endUserPrefix: string | null;
}

/** An account whose session lasts. */
export interface SignedInAccount {
  readonly accountId: string;
  readonly businessId: BusinessId;
}

/** Decides who a request is from: the one place where that is decided, and, below, what it may do. */
export interface Authenticator {
  /**
   * Looks the key, or the session of an account's token, up, now: a revocation or a sign-out that has returned, on
   * whatever process, is seen.
   *
   * Throws `missing_authorization`, `invalid_token`, `key_expired` or `key_revoked`.
   */
  authenticate(request: FastifyRequest): Promise<Caller>;
  /**
   * Knows the caller of a key from before without asking the database, and authenticates any other.
   *
   * Only for work whose own statement refuses a key that is revoked or has expired, and whose failures are answered after `authenticate`.
   */
  recognise(request: FastifyRequest): Promise<Caller>;
}

const recognisedMax = 10_000;

const tokenShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Makes the authenticator of one process. It remembers hashes of keys, 10,000 at most, never keys.
 *
 * `findAccount` gives the account that a token was made for, or null when it was not made here, is over, or was signed out.
 */
export function createAuthenticator(
  findApiKey: Coalesced<Buffer, KnownKey | null>,
  findAccount: (token: string) => Promise<SignedInAccount | null>,
): Authenticator {
  const recognised = new Map<string, Caller>();

  async function lookUpAccount(token: string): Promise<Caller> {
    const account = await findAccount(token);
    if (!account)
      throw new AppError(
        "invalid_token",
        "This token is over, was signed out, or is none of ours. Sign in, or renew it.",
      );
    const { businessId, accountId } = account;
    return { businessId, keyId: null, actor: `account:${accountId}`, scopes: null, endUserPrefix: null };
  }

  async function lookUp(token: string): Promise<Caller> {
    if (tokenShape.test(token)) return lookUpAccount(token);
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
    const caller = { businessId, keyId, actor: `key:${keyId}`, scopes, endUserPrefix };
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

/**
 * Throws `account_required` when a key calls what only an account may, and `scope_missing` when the key is too narrow for
 * this route, whatever the request says.
 */
export function requireScope(caller: Caller, { auth, scope }: Route): void {
  const { keyId, scopes, endUserPrefix } = caller;
  if (auth === "account" && keyId !== null)
    throw new AppError("account_required", "This takes a signed-in account's token: sign in to the dashboard for it.");
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
 * the request is about all of them. Where the end-user is that of a stored task, `requireEndUser` does it; a list of end-users
 * leaves out what the key is not for.
 */
export function requireNamedEndUser(caller: Caller, { endUser }: Route, named: NamedEndUser): void {
  if (caller.endUserPrefix === null || endUser === undefined || endUser === "stored" || endUser === "listed") return;
  if (endUser === "all") throw narrowed(caller.endUserPrefix, "This is about all end-users");
  const { endUserId } = named[endUser] as { readonly endUserId?: string }; // a test looks that the schema has it
  if (endUserId === undefined && endUser === "body") return; // `submittingEndUserOf` says what a key lacks then
  if (endUserId === undefined) throw narrowed(caller.endUserPrefix, "Name one of them with endUserId");
  requireEndUser(caller, endUserId);
}

/** Throws `end_user_not_allowed` when the caller's key is not for this end-user. */
export function requireEndUser({ endUserPrefix }: Caller, endUserId: string): void {
  if (endUserPrefix !== null && !endUserId.startsWith(endUserPrefix)) throw narrowed(endUserPrefix, "Not for this one");
}

/** On whose behalf a submission is made: an account's own when it names none. Throws `invalid_request` for a key that names none. */
export function submittingEndUserOf({ keyId }: Caller, endUserId: string | undefined): string {
  if (endUserId !== undefined) return endUserId;
  if (keyId === null) return ownEndUser;
  throw new AppError("invalid_request", "endUserId is missing: name your user on whose behalf the task is done");
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
