import type { FirstLink } from "./first-link.ts";

/** What a start tells whoever started it. */
export interface StartFacts {
  readonly url: string;
  readonly dataDir: string;
  /** Null when the database has keys already; a secret is shown once. */
  readonly apiKey: string | null;
  /** Null when there is an account already. */
  readonly setup: FirstLink | null;
  /** False as long as no model is configured: agents' tasks then fail. */
  readonly hasModel: boolean;
}

/** The facts for a human: with a new key, a curl line that stores two made-up cookies when pasted. */
export function describeStart({ url, dataDir, apiKey, setup, hasModel }: StartFacts): string {
  const createKey = "npm run stablehand -- keys create --business NAME";
  const lines = ["", "Stablehand is running.", "", `  URL      ${url}`, `  Data     ${dataDir}`];
  if (apiKey) {
    lines.push(
      `  API key  ${apiKey}`,
      `           (shown only now; for another: ${createKey})`,
      "",
      "Store an end-user's cookies:",
      "",
      `  curl -sS -X PUT '${url}/v1/end-users/alice/credentials' -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' -d '{"twitterAuthToken":"example-token","twitterCt0":"example-ct0"}'`,
    );
  } else {
    lines.push(
      `           (for a new API key: ${createKey})`,
      "",
      "See whether it is ready:",
      "",
      `  curl -sS '${url}/readyz'`,
    );
  }
  if (setup)
    lines.push(
      "",
      `Sign in: make the account of the business ${setup.business} (the link is good once, for 24 hours):`,
      "",
      `  ${setup.url}`,
    );
  if (!hasModel) lines.push("", "No model is set, so tasks of agents will fail: set MODEL (see .env.example).");
  return [...lines, "", "Stop with Ctrl-C.", ""].join("\n");
}
