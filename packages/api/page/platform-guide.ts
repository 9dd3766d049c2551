import { credentialCookies } from "../../sdk/src/contract/tables.ts";
import type { CredentialField } from "../../sdk/src/credential-values.ts";

/** How a platform is called, and where its cookies are found. */
export interface PlatformGuide {
  readonly name: string;
  readonly site: string;
  readonly fields: readonly CredentialField[];
}

const known: Readonly<Record<string, readonly [name: string, site: string]>> = {
  twitter: ["X (Twitter)", "https://x.com"],
  reddit: ["Reddit", "https://www.reddit.com"],
  tiktok: ["TikTok", "https://www.tiktok.com"],
  youtube: ["YouTube", "https://www.youtube.com"],
  instagram: ["Instagram", "https://www.instagram.com"],
};

/** What the page says of a platform; its fields are those that begin with its name. */
export function guideTo(platform: string): PlatformGuide {
  const [name, site] = known[platform] ?? [platform, ""];
  const fields = (Object.keys(credentialCookies) as CredentialField[]).filter((field) => field.startsWith(platform)); // a literal's
  return { name, site, fields };
}
