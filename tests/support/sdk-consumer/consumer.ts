import { Stablehand, type Task, TaskFailedError, verifyWebhook } from "@stablehand/sdk";
import { z } from "zod";

// Only type-checked, against the packed declarations; what must not compile says so.
const client = new Stablehand({ apiKey: "k", baseUrl: "https://x.test", sealing: "client" });
const posts = z.array(z.object({ author: z.string(), likes: z.number() }));

export async function use(signal: AbortSignal): Promise<number> {
  const task = await client.tasks.run({ endUserId: "alice", task: "Read", schema: posts }, { signal });
  const likes: number[] = task.structured_content.map((post) => post.likes);
  const literal = await client.tasks.run({
    endUserId: "a",
    task: "b",
    schema: { type: "array", items: { type: "string" } },
  });
  const words: string[] = literal.structured_content;
  // @ts-expect-error: without a schema there is no content
  (await client.tasks.run({ endUserId: "alice", task: "Read" })).structured_content;
  // @ts-expect-error: the task is missing
  await client.tasks.submit({ endUserId: "alice" });
  // @ts-expect-error: no such field
  await client.endUsers("alice").credentials.set({ twiterCt0: "x" });
  // @ts-expect-error: no such extractor
  await client.design.run({ endUserId: "alice", url: "https://x.test", extractors: ["sounds"] });
  // @ts-expect-error: no such mode
  await client.tasks.run({ endUserId: "alice", task: "Read", mode: "write" });
  for await (const event of client.tasks.events("t", { signal })) if (event.type === "step") event.data.msg.trim();
  const event = await verifyWebhook("whsec_", new Headers(), "");
  if (event.type === "credentials.expired") event.data.platform.trim();
  if (event.type === "task.completed") event.data.taskId.trim();
  const failure = (error: unknown): Task | null => (error instanceof TaskFailedError ? error.task : null);
  return likes.length + words.length + (failure(null) ? 1 : 0);
}
