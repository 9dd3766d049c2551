import { isEmbedOrigin } from "@stablehand/contract";

/** Why a ticket's page may not return there, as the end of a sentence; null when it may: only to one of these origins. */
export function refusalOfReturnUrl(text: string, embedOrigins: readonly string[]): string | null {
  if (!URL.canParse(text)) return "is no URL: it must look like https://app.example.com/connected";
  const { origin, protocol, username, password } = new URL(text);
  if (username || password) return "must not carry a user name or password";
  if (!/^https?:$/.test(protocol) || !isEmbedOrigin(origin))
    // a blob: URL has the origin of its page
    return "must start with https://, or with http:// on localhost";
  if (!embedOrigins.includes(origin)) return `leads to ${origin}, which is none of the settings' embedOrigins`;
  return null;
}
