// Uses the installed package as a stranger does, in whatever runtime this is; says in JSON what came of it.
import { NotFoundError, Stablehand, verifyWebhook } from "@stablehand/sdk";

const client = new Stablehand();
const alice = client.endUsers("alice ü/🍪").credentials;
const steps = [];

await alice.set(JSON.parse(process.env.VALUES));
const { platforms } = await alice.get();
const { check } = await alice.check(["twitter"]);
const task = await client.tasks.run(
  {
    endUserId: "alice ü/🍪",
    task: "Read the newest posts of my feed",
    schema: { type: "array", items: { type: "object", required: ["author", "text", "likes"] } },
  },
  { onStep: (step) => steps.push(step.n), timeoutMs: 120_000 },
);
const statuses = [];
for await (const event of client.tasks.events(task.taskId))
  if (event.type === "status") statuses.push(event.data.status);
const session = await client.sessions.get(task.sessionId);
const { sessions } = await client.tasks.list({ endUserId: "alice ü/🍪", limit: 1 });
const submitted = await client.tasks.submit({ endUserId: "bob", task: "Read" });
const cancelled = await client.tasks.cancel(submitted.taskId);
const page = { endUserId: "bob", url: "https://x.com/home", extractors: ["colors"] };
const { design } = await client.design.run(page);
const extraction = await client.design.submit(page);
const { used } = await client.usage.get();
const notFound = await client.tasks.get("none").catch((error) => error);
const aborted = await client.tasks.get(task.taskId, { signal: AbortSignal.abort("enough") }).catch((reason) => reason);
const webhook = await verifyWebhook(
  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  new Headers({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  }),
  '{"test": 2432232314}',
  { now: 1_614_265_330_000 },
);
await alice.delete();

console.log(
  JSON.stringify({
    twitter: [platforms.twitter, (await alice.get()).platforms.twitter],
    posts: task.structured_content.length,
    steps,
    statuses,
    check: check.twitter.health,
    session: [session.tasks.length, sessions[0].sessionId === task.sessionId],
    cancelled: cancelled.status,
    design: [Object.keys(design.results), extraction.status],
    isCounted: used > 0,
    notFound: [notFound instanceof NotFoundError, notFound.code, typeof notFound.requestId],
    aborted,
    webhook: webhook.test,
  }),
);
