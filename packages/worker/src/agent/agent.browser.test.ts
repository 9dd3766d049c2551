import type { BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { call, done, open, play } from "../../../../tests/support/fake-model/play.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import { feedPosts } from "../../../../tests/support/fake-platforms/pages.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import { openCage } from "../cage/open-cage.ts";
import { createRedactor } from "../redact/redactor.ts";
import { openAgentPage } from "./page/agent-page.ts";
import { openReplay } from "./replay.ts";

const signal = new AbortController().signal;
const home = "https://x.com/home";

let tmp: TestTmpDir;
let fakes: FakePlatforms;
let chromium: SingleUseBrowser;

beforeAll(async () => {
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  chromium = await launchTestBrowser(tmp.path, egressTo(fakes));
});
afterEach(async () => {
  await Promise.all(chromium.browser.contexts().map((context) => context.close()));
  fakes.requests.length = 0;
});
afterAll(async () => {
  await chromium.destroy();
  await fakes.stop();
  await tmp.stop();
});

/** Alice's context, an agent's page in it, and what keeps her cookies from leaving. */
async function signIn() {
  const { context } = await openCage(chromium, {
    values: fakes.accounts.alice.values,
    allowedHosts: ["elsewhere.example"],
  });
  const secretsOf = async () => (await context.cookies()).map(({ value }) => value);
  const page = await openAgentPage(context, { viewTokensMax: 6_000, signal });
  return { page, context, redactor: createRedactor(await secretsOf()), secretsOf };
}

const posted = () => fakes.requests.filter(({ method }) => method === "POST").map(({ path }) => path);

test("a model posts on the feed of the signed-in user", async () => {
  fakes.setMode("twitter", "feed");
  const { run, model } = await play(
    (request, at) => {
      const ref = (name: string) => Number(new RegExp(`\\[(\\d+)\\] ${name}`).exec(request.body)?.[1]);
      if (at === 0) return open(home);
      if (at === 1) return call("type", { ref: ref("field New post"), text: "Hello" });
      return at === 2 ? call("click", { ref: ref("button Post") }) : done("It is posted.");
    },
    await signIn(),
  );
  expect(await run).toMatchObject({
    outcome: "completed",
    result: "It is posted.",
    visitedHosts: ["x.com"],
    totalSteps: 4,
  });
  expect((await run).stepSummaries.map(({ success }) => success)).toEqual([true, true, true, true]);
  expect(posted()).toEqual(["/compose"]);
  expect(model.requests[1]?.body).toContain("alice's feed");
});

test("a replayed task reads the feed of the signed-in user into structured data", async () => {
  fakes.setMode("twitter", "feed");
  const data = {
    posts: {
      collect: "^#* ?@(?<author>\\w+)\\n(?<text>.+)\\n(?<likes>[\\d,]+) likes$",
      numbers: ["likes"],
    },
  };
  const post = {
    type: "object",
    properties: { author: { type: "string" }, likes: { type: "integer" } },
    required: ["author", "text", "likes"],
  };
  const { run } = await play([], {
    ...(await signIn()),
    model: openReplay(
      [
        {
          when: "feed",
          turns: [
            { calls: [{ tool: "navigate", input: { url: home } }] },
            { calls: [{ tool: "done", input: { result: "The feed has four posts.", data } }] },
          ],
        },
      ],
      "feed",
    ),
    task: "Read my feed",
    schema: { type: "object", properties: { posts: { type: "array", items: post } }, required: ["posts"] },
  });
  expect(await run).toMatchObject({ outcome: "completed", structuredContent: { posts: feedPosts } });
});

test("a page that shows the user's cookies shows none of them to the model", async () => {
  fakes.setMode("twitter", "echo");
  const { run, model } = await play([open(home), call("find", { text: "ct0" }), call("read"), done()], await signIn());
  expect(await run).toMatchObject({ outcome: "completed", totalSteps: 4 });
  const told = model.requests.map(({ body }) => body).join();
  expect(told).toContain("ct0=[redacted:cookie]");
  expect(told).not.toContain("CANARY-");
});

test("what the model saw of a page it has left is not sent again, and what an action changed is sent with its page", async () => {
  fakes.setMode("twitter", "feed");
  const { run, model } = await play(
    (request, at) => {
      const field = Number(/\[(\d+)\] field New post/.exec(request.body)?.[1]);
      if (at === 0) return open(home);
      if (at === 1) return call("type", { ref: field, text: "Hello" });
      return at === 2 ? open("https://elsewhere.example/") : done();
    },
    await signIn(),
  );
  expect(await run).toMatchObject({ outcome: "completed", totalSteps: 4 });
  const sent = model.requests.map(({ body }) => body);
  expect(sent[2]).toContain(feedPosts[0].text);
  expect(sent[3]).not.toContain(feedPosts[0].text);
  expect(sent[3]).toContain("Somewhere else");
});

test("a browser that dies under the agent does not end the run, and a stop does", async () => {
  fakes.setMode("twitter", "feed");
  const stop = new AbortController();
  const signedIn = await signIn();
  const closed = (context: BrowserContext) => void context.close();
  const { run } = await play(
    (_, at) => {
      if (at === 1) closed(signedIn.context);
      if (at === 4) stop.abort();
      return at === 0 ? open(home) : call("read");
    },
    { ...signedIn, signal: stop.signal },
  );
  expect(await run).toMatchObject({ outcome: "stopped", totalSteps: 4 });
});
