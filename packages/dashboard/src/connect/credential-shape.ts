import type { CredentialField } from "@stablehand/sdk";
import { platformCookies, platforms } from "../platforms.ts";

const charactersMax = 4_096;
const neverInACookie = /[\p{Cc}\p{Cs}\s",;\\]/u;

/** What is usual of each cookie. A site may change it any day, so it only makes a hint, never a refusal. */
const usual: Readonly<Record<CredentialField, readonly [RegExp, string]>> = {
  twitterAuthToken: [/^[0-9a-f]{40}$/, "40 digits and letters a to f"],
  twitterCt0: [/^[0-9a-f]{32,200}$/, "32 to 160 digits and letters a to f"],
  redditSession: [/^(eyJ|\d+(%2C|,))/, "long, beginning with eyJ"],
  tiktokSessionId: [/^[0-9a-f]{32}$/, "32 digits and letters a to f"],
  tiktokCsrfToken: [/^[\w-]{8,64}$/, "letters, digits, _ and -"],
  youtubeSid: [/^g\.a/, "long, beginning with g.a"],
  youtubeHsid: [/^A[\w-]{16}$/, "17 characters, beginning with A"],
  youtubeSsid: [/^A[\w-]{16}$/, "17 characters, beginning with A"],
  youtubeSapisid: [/^[\w-]{16}\/[\w-]{17}$/, "34 characters with a slash in the middle"],
  instagramSessionId: [/^\d+(%3A|:)/, "your numeric id, then %3A and more"],
  instagramCsrfToken: [/^[\w-]{20,64}$/, "32 letters and digits"],
  instagramDsUserId: [/^\d+$/, "digits only"],
};

const cookieNames = new Map(platforms.flatMap((platform) => platformCookies[platform].fields));

/** What is to be said of a value while it is typed. */
export interface Shape {
  /** Why it cannot be stored; null when it can. */
  readonly problem: string | null;
  /** What is unusual about it; null when nothing is. */
  readonly hint: string | null;
}

/** Judges a value as the server would, and says what is unusual. No text of it quotes the value. */
export function judgeValue(field: CredentialField, typed: string): Shape {
  const value = typed.trim();
  const refuse = (problem: string) => ({ problem, hint: null });
  if (value === "") return { problem: null, hint: null };
  if (value.startsWith(`${cookieNames.get(field)}=`)) return refuse("Only what comes after the equals sign.");
  if (value.length > charactersMax && [...value].length > charactersMax)
    return refuse("This is longer than any cookie.");
  if (neverInACookie.test(value)) return refuse('A cookie has no spaces and none of " , ; \\ in it.');
  const [pattern, looks] = usual[field];
  return { problem: null, hint: pattern.test(value) ? null : `Unusual: it is mostly ${looks}. Is it the right row?` };
}

/**
 * The values in what was pasted, when it is more than one value: a `Cookie` header, or rows copied from the developer tools.
 *
 * Null when it is none of these, and is to be taken as it is.
 */
export function readPasted(
  text: string,
  fields: readonly (readonly [CredentialField, string])[],
): ReadonlyMap<CredentialField, string> | null {
  const pairs = new Map<string, string>();
  for (const part of text.replace(/^cookie:\s*/i, "").split(/[;\n]/)) {
    const [, name = "", value = ""] = /^\s*([\w.-]+)(?:\t+|\s*=\s*)"?([^\t"]*)"?/.exec(part.replace(/\r$/, "")) ?? [];
    if (name) pairs.set(name, value.trim());
  }
  const found = fields.flatMap(([field, cookie]): [CredentialField, string][] => {
    const value = pairs.get(cookie);
    return value ? [[field, value]] : [];
  });
  return found.length > 0 ? new Map(found) : null;
}
