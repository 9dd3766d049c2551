import { ConfigError, type Env, flag, required } from "@stablehand/core/env";

/** How people sign in. */
export interface AccountSettings {
  /** Signs session cookies, and encrypts the private halves of the keys that tokens are signed with. */
  readonly secret: string;
  /** Whether anyone may make an account without a set-up link. */
  readonly allowSignUp: boolean;
  /** Null when people sign in with a password only. */
  readonly oidc: OidcSettings | null;
  /** Null when links to a new password are printed by the command only. */
  readonly mail: MailSettings | null;
}

/** An OpenID provider. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What people know it as. */
  readonly name: string;
}

/** How e-mail leaves. */
export interface MailSettings {
  readonly smtpUrl: string;
  readonly from: string;
}

const secretCharactersMin = 32;

/** Reads how people sign in; `publicUrl` is needed by whatever leads back here. Throws ConfigError when a setting is missing or wrong. */
export function readAccountSettings(env: Env, publicUrl: string | null): AccountSettings {
  const secret = required(
    env,
    "AUTH_SECRET",
    "32 random characters or more, the same for every API process (openssl rand -base64 32); `stablehand start` makes it",
  );
  if (secret.length < secretCharactersMin)
    throw new ConfigError(
      `AUTH_SECRET is shorter than ${secretCharactersMin} characters: make one with openssl rand -base64 32`,
    );
  const oidc = readOidc(env);
  const mail = readMail(env);
  if ((oidc || mail) && publicUrl === null)
    throw new ConfigError(
      `PUBLIC_URL is not set: ${oidc ? "the OpenID provider sends people" : "links in e-mails lead"} back to it`,
    );
  return { secret, allowSignUp: flag(env, "ALLOW_SIGNUP"), oidc, mail };
}

function readOidc(env: Env): OidcSettings | null {
  const issuer = env["OIDC_ISSUER"];
  if (!issuer) return null;
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (!url || !isSafe || url.search || url.hash || url.username)
    throw new ConfigError(`OIDC_ISSUER is "${issuer}": it must look like https://login.example.com`);
  return {
    issuer: issuer.replace(/\/+$/, ""),
    clientId: required(env, "OIDC_CLIENT_ID", "the client id that the OpenID provider gave you"),
    clientSecret: required(env, "OIDC_CLIENT_SECRET", "the client secret that the OpenID provider gave you"),
    name: env["OIDC_NAME"] || url.hostname,
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function readMail(env: Env): MailSettings | null {
  const smtpUrl = env["SMTP_URL"];
  if (!smtpUrl) return null;
  // Not shown: it holds a password.
  if (!URL.canParse(smtpUrl) || !/^smtps?:$/.test(new URL(smtpUrl).protocol))
    throw new ConfigError(
      "SMTP_URL must look like smtp://user:password@mail.example.com:587, or smtps:// for TLS from the start",
    );
  return { smtpUrl, from: required(env, "MAIL_FROM", "the sender of e-mails, Stablehand <stablehand@example.com>") };
}
