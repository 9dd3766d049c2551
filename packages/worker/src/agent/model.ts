import { basename } from "node:path";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ConfigError, type Env, integer, required } from "@stablehand/core/env";
import { type AgentModel, type ModelPatience, modelPatience } from "./call-model.ts";
import { openReplay } from "./replay.ts";
import { readReplayScripts } from "./replay-script.ts";

const hostedProviders = {
  anthropic: "https://api.anthropic.com/v1",
  openai: "https://api.openai.com/v1",
  google: "https://generativelanguage.googleapis.com/v1beta",
} as const;

const answerBytesMax = 16_777_216;

type HostedProvider = keyof typeof hostedProviders;

/** Which model does the tasks, as the settings `MODEL`, `MODEL_API_KEY` and `MODEL_BASE_URL` say. */
export type ModelSetting =
  | { readonly provider: HostedProvider; readonly id: string; readonly apiKey: string; readonly baseUrl: string }
  | {
      readonly provider: "openai-compatible";
      readonly id: string;
      readonly apiKey: string | null;
      readonly baseUrl: string;
    }
  | { readonly provider: "replay"; readonly file: string };

/** Told once at the start of a worker that has no model. */
export const noModel =
  "no model is set: tasks will fail until MODEL is, for example to anthropic:MODEL-NAME with MODEL_API_KEY";

/**
 * Reads which model to use; null when `MODEL` is not set.
 *
 * Model names are not checked: the provider knows its own. Errors: ConfigError.
 */
export function readModelSetting(env: Env): ModelSetting | null {
  const text = env.MODEL;
  if (!text) return null;
  const [, provider, id] = /^([a-z-]+):(.+)$/s.exec(text) ?? [];
  if (!provider || !id) throw unknown(text);
  if (provider === "replay") return { provider, file: id };
  if (provider === "openai-compatible") {
    const baseUrl = required(
      env,
      "MODEL_BASE_URL",
      "the address of the model's server, for example http://127.0.0.1:11434/v1",
    );
    return { provider, id, apiKey: env.MODEL_API_KEY || null, baseUrl: webAddress(baseUrl) };
  }
  if (!isHosted(provider)) throw unknown(text);
  const apiKey = required(env, "MODEL_API_KEY", `the key that ${provider} gave you`);
  return { provider, id, apiKey, baseUrl: webAddress(env.MODEL_BASE_URL || hostedProviders[provider]) };
}

/** Reads how long one answer of the model is waited for: `MODEL_TIMEOUT_MS`, a minute by default. Errors: ConfigError. */
export function readModelPatience(env: Env): ModelPatience {
  return { ...modelPatience, answerMs: integer(env, "MODEL_TIMEOUT_MS", modelPatience.answerMs, 1_000, 3_600_000) };
}

/** Makes the model. Asks nobody; reads the script of a replay. Errors: ConfigError. */
export function openModel(setting: ModelSetting): AgentModel {
  switch (setting.provider) {
    case "anthropic":
      return createAnthropic({ apiKey: setting.apiKey, baseURL: setting.baseUrl, fetch: boundedFetch })(setting.id);
    case "openai":
      return createOpenAI({ apiKey: setting.apiKey, baseURL: setting.baseUrl, fetch: boundedFetch })(setting.id);
    case "google":
      return createGoogle({ apiKey: setting.apiKey, baseURL: setting.baseUrl, fetch: boundedFetch })(setting.id);
    case "openai-compatible": {
      const key = setting.apiKey === null ? {} : { apiKey: setting.apiKey };
      const name = "openaiCompatible";
      return createOpenAICompatible({ name, ...key, baseURL: setting.baseUrl, fetch: boundedFetch })(setting.id);
    }
    case "replay":
      return openReplay(readReplayScripts(setting.file), basename(setting.file));
  }
}

function isHosted(provider: string): provider is HostedProvider {
  return Object.hasOwn(hostedProviders, provider);
}

function unknown(text: string): ConfigError {
  return new ConfigError(
    `MODEL is "${text}": it must be anthropic:NAME, openai:NAME, google:NAME, openai-compatible:NAME or replay:FILE`,
  );
}

/** The address is not repeated in the message: it may hold a password. */
function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new ConfigError(
      "MODEL_BASE_URL must be an address that starts with http:// or https:// and holds no user name or password",
    );
  return text;
}

/** The SDK would read an answer of 2 GiB. */
async function boundedFetch(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  let left = answerBytesMax;
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      left -= chunk.byteLength;
      if (left < 0) controller.error(new Error("the answer is too long"));
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers, body } = response;
  return new Response(body?.pipeThrough(bound) ?? null, { status, statusText, headers });
}
