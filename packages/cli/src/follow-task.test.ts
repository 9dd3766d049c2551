import { expect, test } from "vitest";
import { eventsIn, type ServerEvent } from "./follow-task.ts";

async function* chunks(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function read(...texts: string[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of eventsIn(chunks(texts))) events.push(event);
  return events;
}

test("events come whole however the stream is cut, and comments are no events", async () => {
  const text =
    ': following\n\nid: 1\nevent: status\ndata: {"status":"running"}\n\nid: 2\nevent: step\ndata: {"n":1}\n\n';
  for (const at of [1, 13, 14, 30, text.length - 1]) {
    const events = await read(text.slice(0, at), text.slice(at));
    expect(events).toEqual([
      { id: "1", event: "status", data: '{"status":"running"}' },
      { id: "2", event: "step", data: '{"n":1}' },
    ]);
  }
});

test("an event that is cut off does not count, and one without an end is not read for ever", async () => {
  expect(await read("id: 1\nevent: step\ndata: {}")).toEqual([]);
  const endless = Array.from({ length: 3 }, () => "x".repeat(600_000));
  await expect(read(...endless)).rejects.toThrow("too long");
});
