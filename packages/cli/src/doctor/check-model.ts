import { readFile } from "node:fs/promises";
import { type Finding, ok, problem, warning } from "./finding.ts";

const name = "model";
const deadlineMs = 10_000;

const providers: Record<string, { readonly url: string; keyHeaders(key: string): Record<string, string> }> = {
  anthropic: {
    url: "https://api.anthropic.com/v1",
    keyHeaders: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
  },
  openai: { url: "https://api.openai.com/v1", keyHeaders: (key) => ({ authorization: `Bearer ${key}` }) },
  google: {
    url: "https://generativelanguage.googleapis.com/v1beta",
    keyHeaders: (key) => ({ "x-goog-api-key": key }),
  },
  "openai-compatible": { url: "", keyHeaders: (key) => ({ authorization: `Bearer ${key}` }) },
};

/** Whether the model's server answers, and takes the key: it is asked for its list of models, which costs nothing. */
export async function checkModel(env: NodeJS.ProcessEnv): Promise<Finding> {
  const { MODEL: model, MODEL_API_KEY: key } = env;
  if (!model)
    return warning(
      name,
      "none is set, so tasks of agents fail; checks and extractions run",
      "Set MODEL (see .env.example).",
    );
  const [, kind = "", rest = ""] = /^([a-z-]+):(.+)$/s.exec(model) ?? [];
  if (kind === "replay")
    return readFile(rest).then(
      () => ok(name, "a recorded script answers"),
      () => problem(name, "the recorded script cannot be read", "Name a file that exists in MODEL=replay:FILE."),
    );
  const provider = providers[kind];
  if (!provider)
    return problem(
      name,
      "MODEL is of no kind that is known",
      "Set it to anthropic:NAME, openai:NAME, google:NAME or openai-compatible:NAME.",
    );
  const base = (env.MODEL_BASE_URL || provider.url).replace(/\/+$/, "");
  if (!/^https?:/.test(base) || !URL.canParse(base))
    return problem(name, "MODEL_BASE_URL is no address", "Set it to such as http://127.0.0.1:11434/v1.");
  if (!key && kind !== "openai-compatible") return problem(name, "there is no key", "Set MODEL_API_KEY.");
  const response = await fetch(`${base}/models`, {
    headers: key ? provider.keyHeaders(key) : {},
    signal: AbortSignal.timeout(deadlineMs),
  }).catch(() => null);
  const { host } = new URL(base);
  await response?.body?.cancel();
  if (!response)
    return problem(
      name,
      `${host} does not answer`,
      "Start it, or correct MODEL_BASE_URL; look whether this machine reaches it.",
    );
  if (response.status === 401 || response.status === 403)
    return problem(name, `${host} refuses the key`, "Correct MODEL_API_KEY.");
  if (!response.ok)
    return warning(
      name,
      `${host} answers ${response.status}`,
      "If tasks fail with model_unavailable, correct MODEL_BASE_URL.",
    );
  return ok(name, `${host} answers`);
}
