import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@stablehand/core/env";
import { expect, onTestFinished, test } from "vitest";
import { openModel, readModelPatience, readModelSetting } from "./model.ts";

test("without MODEL there is no model", () => {
  expect(readModelSetting({})).toBeNull();
  expect(readModelSetting({ MODEL: "" })).toBeNull();
});

test.each([
  ["anthropic", "https://api.anthropic.com/v1"],
  ["openai", "https://api.openai.com/v1"],
  ["google", "https://generativelanguage.googleapis.com/v1beta"],
] as const)("%s needs a key, and has an address of its own", (provider, baseUrl) => {
  const MODEL = `${provider}:some-model:of-today`;
  expect(readModelSetting({ MODEL, MODEL_API_KEY: "k" })).toEqual({
    provider,
    id: "some-model:of-today",
    apiKey: "k",
    baseUrl,
  });
  expect(readModelSetting({ MODEL, MODEL_API_KEY: "k", MODEL_BASE_URL: "http://127.0.0.1:1/v1" })).toMatchObject({
    baseUrl: "http://127.0.0.1:1/v1",
  });
  expect(() => readModelSetting({ MODEL })).toThrow(/MODEL_API_KEY is not set/);
});

test("openai-compatible needs an address, and no key", () => {
  const MODEL = "openai-compatible:llama3.2:3b";
  expect(readModelSetting({ MODEL, MODEL_BASE_URL: "http://127.0.0.1:11434/v1" })).toEqual({
    provider: "openai-compatible",
    id: "llama3.2:3b",
    apiKey: null,
    baseUrl: "http://127.0.0.1:11434/v1",
  });
  expect(() => readModelSetting({ MODEL })).toThrow(/MODEL_BASE_URL is not set/);
});

test.each(["gpt-5", "anthropic:", "azure:gpt", ":x", "constructor:x", "OPENAI:x"])(
  "MODEL=%s is refused with what it may be",
  (MODEL) => {
    const read = () => readModelSetting({ MODEL, MODEL_API_KEY: "k" });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/anthropic:NAME, openai:NAME, google:NAME, openai-compatible:NAME or replay:FILE/);
  },
);

test.each(["file:///etc/passwd", "ftp://x", "model.example", "http://", "https://user:word@x/v1"])(
  "MODEL_BASE_URL=%s is refused",
  (MODEL_BASE_URL) => {
    expect(() => readModelSetting({ MODEL: "openai-compatible:x", MODEL_BASE_URL })).toThrow(/http:\/\/ or https:\/\//);
  },
);

test("a model on a slow machine can be given more time for an answer", () => {
  expect(readModelPatience({}).answerMs).toBe(60_000);
  expect(readModelPatience({ MODEL_TIMEOUT_MS: "300000" }).answerMs).toBe(300_000);
  expect(() => readModelPatience({ MODEL_TIMEOUT_MS: "0" })).toThrow(ConfigError);
});

test("neither the key nor the address is in a refusal", () => {
  const env = { MODEL: "openai:x", MODEL_API_KEY: "sk-canary", MODEL_BASE_URL: "ftp://user:canary@x" };
  expect(() => readModelSetting(env)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("canary") }),
  );
});

test.each(["anthropic", "openai", "google", "openai-compatible"])("%s opens without asking anyone", (provider) => {
  const setting = readModelSetting({
    MODEL: `${provider}:m`,
    MODEL_API_KEY: "k",
    MODEL_BASE_URL: "http://127.0.0.1:1/v1",
  });
  expect(setting && openModel(setting)).toMatchObject({ specificationVersion: "v4", modelId: "m" });
});

test.each<[string, string | null, RegExp]>([
  ["is not there", null, /no such file/],
  ["is no JSON", "{", /no JSON/],
  ["is an array", "[]", /another form/],
  ["has no turn", '{"turns":[]}', /another form/],
  ["has an empty turn", '{"turns":[{}]}', /another form/],
  ["has a misspelt key", '{"turns":[{"text":"a","call":[]}]}', /another form/],
  ["has a broken expression", '{"scripts":[{"when":"(","turns":[{"text":"a"}]}]}', /another form/],
])("a replay script that %s is refused at the start", async (_, text, says) => {
  const directory = await mkdtemp(join(tmpdir(), "sh-replay-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, "script.json");
  if (text !== null) await writeFile(file, text);
  const open = () => openModel(readModelSetting({ MODEL: `replay:${file}` }) ?? expect.unreachable());
  expect(open).toThrow(ConfigError);
  expect(open).toThrow(says);
});
