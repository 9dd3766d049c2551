import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { writePrivateFile } from "./data-directory.ts";
import type { Places } from "./places.ts";

const secretBytes = 32;

/** What signs sessions here: `AUTH_SECRET`, else what the data directory keeps; null when it keeps none. */
export function findAuthSecret(env: NodeJS.ProcessEnv, { authSecretFile }: Places): string | null {
  if (env.AUTH_SECRET) return env.AUTH_SECRET;
  try {
    return readFileSync(authSecretFile, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null; // what readFileSync throws
    throw error;
  }
}

/** As `findAuthSecret`, and makes one where there is none: random, in a file that only its owner may read. */
export async function ensureAuthSecret(env: NodeJS.ProcessEnv, places: Places): Promise<string> {
  const known = findAuthSecret(env, places);
  if (known) return known;
  const secret = randomBytes(secretBytes).toString("base64url");
  await writePrivateFile(places.authSecretFile, `${secret}\n`);
  return secret;
}
