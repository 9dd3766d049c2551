import type { AccountParts } from "./auth-options.ts";

/** Answers a request under `/auth`. */
export type SignIn = (request: Request) => Promise<Response>;

/** Opens signing in; the library is loaded, and an OpenID provider asked what it offers, when it is first called. */
export function openAccounts(parts: AccountParts): () => Promise<SignIn> {
  let opening: Promise<SignIn> | null = null;
  return () => {
    opening ??= open(parts).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
}

async function open(parts: AccountParts): Promise<SignIn> {
  const [{ betterAuth }, { authOptions }] = await Promise.all([import("better-auth"), import("./auth-options.ts")]);
  const auth = betterAuth(authOptions(parts));
  await auth.$context;
  return (request) => auth.handler(request);
}
