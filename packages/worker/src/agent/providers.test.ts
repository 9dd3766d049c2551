import { expect, test } from "vitest";
import { startFakeModel } from "../../../../tests/support/fake-model/fake-model.ts";
import { open, play } from "../../../../tests/support/fake-model/play.ts";
import { openModel, readModelSetting } from "./model.ts";

/** What a provider is sent first. It gets no answer that it understands: the fake speaks another's language. */
async function firstRequest(provider: string) {
  const server = await startFakeModel([]);
  const setting = readModelSetting({
    MODEL: `${provider}:some-model`,
    MODEL_API_KEY: "key-4711",
    MODEL_BASE_URL: `${server.baseUrl}/elsewhere`,
  });
  const { run } = await play([], { model: setting && openModel(setting) });
  expect(await run).toMatchObject({ errorCode: "model_unavailable", error: expect.stringContaining("status 404") });
  await server.stop();
  return server.requests[0] ?? expect.unreachable();
}

test.each(["anthropic", "openai", "google", "openai-compatible"])(
  "%s is asked at the address that is set, with the key in a header only, and told of every tool",
  async (provider) => {
    const { headers, body } = await firstRequest(provider);
    expect(JSON.stringify(headers)).toContain("key-4711");
    expect(body).not.toContain("key-4711");
    for (const name of ["navigate", "click", "type", "done"]) expect(body).toContain(`"name":"${name}"`);
    expect(body).toContain("Read the newest post");
  },
);

test("OpenAI is told to keep nothing", async () => {
  expect(JSON.parse((await firstRequest("openai")).body).store).toBe(false);
});

test("Anthropic is told which part of a conversation comes again", async () => {
  expect((await firstRequest("anthropic")).body.match(/"cache_control"/g)).toHaveLength(1);
});

test("an answer of more than 16 MiB is not read", async () => {
  const { run } = await play([{ text: "x".repeat(17_000_000) }, open(), { text: "y" }, { text: "It is read." }]);
  expect(await run).toMatchObject({ outcome: "completed", result: "It is read.", usage: { modelCalls: 3 } });
});
