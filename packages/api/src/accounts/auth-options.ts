import { createHash, randomUUID } from "node:crypto";
import type { Db } from "@stablehand/core/database";
import type { BusinessId } from "@stablehand/core/ids";
import type { Logger } from "@stablehand/core/log";
import {
  createBusinessFor,
  hashIdentifier,
  hashLinkToken,
  isSetupTokenGood,
  linkLifetimeMs,
  spendSetupToken,
} from "@stablehand/core/store/accounts";
import { countAttempt, forgetAttempts } from "@stablehand/core/store/sign-in-attempts";
import type { BetterAuthOptions, GenericEndpointContext } from "better-auth";
import { APIError, addOAuthServerContext, createAuthMiddleware, getOAuthState, isAPIError } from "better-auth/api";
import { genericOAuth, jwt } from "better-auth/plugins";
import { addressHeader, oidcProvider, passwordCharacters, setupTokenHeader } from "./account-names.ts";
import type { AccountSettings } from "./account-settings.ts";
import { tokenAlgorithm, tokenParties } from "./account-tokens.ts";
import { resetMail, type SendMail } from "./send-mail.ts";

/** What sign-in works with. */
export interface AccountParts {
  readonly db: Db;
  readonly log: Logger;
  readonly settings: AccountSettings;
  /** Where people reach this server, for links and for an OpenID provider; null is where the request went. */
  readonly publicUrl: string | null;
  /** Null when no e-mail can be sent. */
  readonly sendMail: SendMail | null;
}

const sessionSeconds = 7 * 86_400;
const tokenLifetime = "10m";
const keyRotationSeconds = 90 * 86_400;
const keyGraceSeconds = 3_600; // longer than any token lasts

/** What may be tried from one address. Reads are not counted: they take a session. */
const addressRules = {
  "/sign-in/email": { max: 30, window: 300 },
  "/sign-in/social": { max: 60, window: 300 },
  "/callback/*": { max: 60, window: 300 },
  "/sign-up/email": { max: 20, window: 3_600 },
  "/request-password-reset": { max: 20, window: 3_600 },
  "/reset-password": { max: 20, window: 300 },
  "/change-password": { max: 20, window: 300 },
  "/get-session": false,
  "/token": false,
  "/jwks": false,
} as const;

/** What may be tried for one account, from wherever it comes; a sign-in that succeeds begins anew. */
const accountRules: Readonly<Record<string, { readonly max: number; readonly windowSeconds: number }>> = {
  "/sign-in/email": { max: 10, windowSeconds: 900 },
  "/request-password-reset": { max: 5, windowSeconds: 3_600 },
};

/** How the sign-in library is set up: its models are our tables, its decisions ours where it leaves them. */
export function authOptions(parts: AccountParts) {
  const { db, log, settings, publicUrl, sendMail } = parts;
  return {
    appName: "Stablehand",
    secret: settings.secret,
    baseURL: publicUrl === null ? "http://stablehand.invalid" : new URL(publicUrl).origin,
    basePath: "/auth",
    telemetry: { enabled: false },
    database: { db, type: "postgres" as const, transaction: true },
    // The mount builds each request's address from PUBLIC_URL, or else from its Host, which a page elsewhere cannot set.
    trustedOrigins: (request?: Request) => (request ? [new URL(request.url).origin] : []),
    logger: {
      level: "error" as const,
      log: (_level, message, ...args) => log.error({ err: args.find((arg) => arg instanceof Error) }, message),
    },
    onAPIError: {
      errorURL: "/sign-in",
      onError: (error) => {
        if (!isAPIError(error)) log.error({ err: error }, "a request of an account failed");
      },
    },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: passwordCharacters.min,
      maxPasswordLength: passwordCharacters.max,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: linkLifetimeMs.reset / 1_000,
      ...(sendMail && {
        sendResetPassword: ({ user, token }) => sendMail(resetMail(user.email, `${publicUrl}/reset#token=${token}`)),
      }),
    },
    plugins: [
      jwt({
        disableSettingJwtHeader: true,
        jwks: {
          keyPairConfig: { alg: tokenAlgorithm, crv: "Ed25519" },
          rotationInterval: keyRotationSeconds,
          gracePeriod: keyGraceSeconds,
        },
        jwt: {
          ...tokenParties,
          expirationTime: tokenLifetime,
          definePayload: ({ session }) => ({ sid: session.id }),
        },
        schema: {
          jwks: {
            modelName: "account_token_keys",
            fields: {
              publicKey: "public_key",
              privateKey: "private_key",
              createdAt: "created_at",
              expiresAt: "expires_at",
            },
          },
        },
      }),
      ...(settings.oidc ? [oidcPlugin(settings.oidc, publicUrl)] : []),
    ],
    user: {
      modelName: "accounts",
      fields: { emailVerified: "email_verified", createdAt: "created_at", updatedAt: "updated_at" },
      additionalFields: {
        businessId: { type: "string" as const, fieldName: "business_id", required: false, input: false },
      },
    },
    session: {
      modelName: "account_sessions",
      fields: {
        userId: "account_id",
        expiresAt: "expires_at",
        ipAddress: "ip_address",
        userAgent: "user_agent",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
      expiresIn: sessionSeconds,
    },
    account: {
      modelName: "account_sign_ins",
      fields: {
        userId: "account_id",
        providerId: "provider",
        accountId: "subject",
        accessToken: "access_token",
        refreshToken: "refresh_token",
        idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at",
        refreshTokenExpiresAt: "refresh_token_expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
      // An address that another party vouches for opens no account that has a password.
      accountLinking: { disableImplicitLinking: true },
      updateAccountOnSignIn: false,
    },
    verification: {
      modelName: "account_verifications",
      fields: { expiresAt: "expires_at", createdAt: "created_at", updatedAt: "updated_at" },
      storeIdentifier: { hash: async (identifier: string) => hashIdentifier(identifier) },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user, context) => ({ data: { ...user, businessId: await businessFor(parts, user, context) } }),
        },
      },
      account: {
        create: {
          // Nothing of the provider's is used after the sign-in, so nothing of it is kept.
          before: async (account) => ({
            data: { ...account, accessToken: null, refreshToken: null, idToken: null },
          }),
        },
      },
    },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 120,
      customRules: addressRules,
      customStorage: {
        consume: async (key, { max, window }) => {
          const wait = await countAttempt(db, `address ${key}`, { max, windowSeconds: window });
          return { allowed: wait === null, retryAfter: wait };
        },
      },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        const setupToken = context.headers?.get(setupTokenHeader);
        refuseUnaskedFields(context.path, context.body);
        if (context.path === "/sign-up/email") await refuseSignUp(parts, context.body, setupToken);
        if (context.path === "/sign-in/social" && setupToken)
          await addOAuthServerContext({ setupTokenHash: hashLinkToken(setupToken).toString("base64") });
        await countAccountAttempt(db, context.path, context.body);
      }),
      after: createAuthMiddleware(async (context) => {
        if (context.path === "/sign-in/email" && context.context.newSession)
          await forgetAttempts(db, accountKey(context.path, context.context.newSession.user.email));
      }),
    },
    advanced: {
      // Said, since the library leaves both out where it finds itself under test.
      disableCSRFCheck: false,
      disableOriginCheck: false,
      cookiePrefix: "stablehand",
      useSecureCookies: publicUrl?.startsWith("https:") ?? false,
      // Nothing but script of the dashboard needs it: pages are files. The cookie of a sign-in under way stays Lax, for the way back.
      cookies: { session_token: { attributes: { sameSite: "strict" as const } } },
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { generateId: () => randomUUID(), validateSchema: false },
      // Whether there is such an account is not told by how long an e-mail takes.
      backgroundTasks: {
        handler: (work) => void work.catch((error: unknown) => log.error({ err: error }, "an e-mail was not sent")),
      },
    },
  } satisfies BetterAuthOptions;
}

function oidcPlugin(
  { issuer, clientId, clientSecret, name }: NonNullable<AccountSettings["oidc"]>,
  publicUrl: string | null,
) {
  return genericOAuth({
    config: [
      {
        providerId: oidcProvider,
        name,
        discoveryUrl: `${issuer}/.well-known/openid-configuration`,
        requireIdTokenVerification: true,
        clientId,
        clientSecret,
        redirectURI: `${publicUrl}/auth/callback/${oidcProvider}`,
        scopes: ["openid", "email", "profile"],
        pkce: true,
        disableProviderLogout: true,
      },
    ],
  });
}

/**
 * A sign-in at the provider begins here and ends at its callback: an ID token in the body, which the library would take, is
 * bound to no request of this browser.
 */
function refuseUnaskedFields(path: string, body: unknown): void {
  if (path !== "/sign-in/social") return;
  const unasked = Object.keys(Object(body)).find((field) => !socialFields.has(field));
  if (unasked !== undefined)
    throw new APIError("BAD_REQUEST", {
      code: "invalid_request",
      message: `The body may hold only ${[...socialFields].join(", ")}.`,
    });
}

const socialFields: ReadonlySet<string> = new Set(["provider", "callbackURL", "errorCallbackURL"]);

/**
 * Refuses a sign-up before the library looks whether the e-mail address is known, which is told to nobody without a link,
 * and before the link is spent on what cannot be stored. Whether the link is still there then, `businessFor` decides.
 */
async function refuseSignUp({ db, settings }: AccountParts, body: unknown, setupToken: string | null | undefined) {
  const isInvited = setupToken ? await isSetupTokenGood(db, hashLinkToken(setupToken)) : false;
  if (!isInvited && !settings.allowSignUp) throw signUpIsClosed();
  for (const [field, max] of Object.entries(signUpCharactersMax)) {
    const value: unknown = Object(body)[field];
    if (typeof value === "string" && value.length > max)
      throw new APIError("BAD_REQUEST", {
        code: "invalid_request",
        message: `${field} is longer than ${max} characters.`,
      });
  }
}

const signUpCharactersMax = { name: 100, email: 254 } as const;

function signUpIsClosed(): APIError {
  const message =
    "Sign-up is closed here, and there is no good set-up link: ask the operator for one (stablehand accounts setup-link).";
  return new APIError("FORBIDDEN", { code: "signup_closed", message });
}

async function businessFor(
  { db, settings }: AccountParts,
  user: { readonly email: string },
  context: GenericEndpointContext | null,
): Promise<BusinessId> {
  const hash = context && (await setupTokenHashOf(context));
  const invited = hash && (await spendSetupToken(db, hash));
  if (invited) return invited;
  if (!settings.allowSignUp) throw signUpIsClosed();
  return createBusinessFor(db, user.email);
}

/** Of the request itself, or of the one with which the sign-in at the OpenID provider began. */
async function setupTokenHashOf(context: GenericEndpointContext): Promise<Buffer | null> {
  const token = context.headers?.get(setupTokenHeader);
  if (token && context.path === "/sign-up/email") return hashLinkToken(token);
  const remembered = (await getOAuthState())?.serverContext?.["setupTokenHash"];
  return typeof remembered === "string" ? Buffer.from(remembered, "base64") : null;
}

async function countAccountAttempt(db: Db, path: string, body: unknown): Promise<void> {
  const rule = accountRules[path];
  const email = (body as { email?: unknown } | undefined)?.email; // whatever came
  if (!rule || typeof email !== "string") return;
  const wait = await countAttempt(db, accountKey(path, email), rule);
  if (wait !== null)
    throw new APIError(
      "TOO_MANY_REQUESTS",
      { code: "too_many_attempts", message: `Too many attempts for this account. Try again in ${wait} seconds.` },
      { "retry-after": String(wait) },
    );
}

function accountKey(path: string, email: string): string {
  return `account ${path} ${createHash("sha256").update(email.toLowerCase()).digest("base64url")}`;
}
