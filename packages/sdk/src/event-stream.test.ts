import { expect, test } from "vitest";
import { readEventStream, type StreamEvent } from "./event-stream.ts";

function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function read(pieces: readonly Uint8Array[]): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEventStream(streamOf(pieces))) if (event) events.push(event);
  return events;
}

const text =
  ': following\n\nid: 1\nevent: step\ndata: {"é":"🍪"}\n\ndata:a\ndata: b\nretry: 5\n\n: still here\n\nid: 2\nevent: status\ndata: x\n\n';
const expected = [
  { id: "1", event: "step", data: '{"é":"🍪"}' },
  { id: null, event: "message", data: "a\nb" },
  { id: "2", event: "status", data: "x" },
];

test.each([["\n"], ["\r\n"], ["\r"]])(
  "events are the same however the stream is cut, with lines that end in %j",
  async (end) => {
    const bytes = new TextEncoder().encode(text.replaceAll("\n", end));
    expect(await read([bytes])).toEqual(expected);
    expect(await read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
    for (let at = 1; at < bytes.length; at++)
      expect(await read([bytes.slice(0, at), bytes.slice(at)])).toEqual(expected);
  },
);

test("an event that was cut off by the stream's end is none", async () => {
  expect(await read([new TextEncoder().encode('id: 1\nevent: step\ndata: {"n":1}\n')])).toEqual([]);
});

test("a stream that never ends a line is given up at 4 MiB, and closed", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024).fill(97)),
    cancel: () => {
      isCancelled = true;
    },
  });
  const reading = (async () => {
    for await (const _ of readEventStream(stream));
  })();
  await expect(reading).rejects.toThrow("longer than 4 MiB");
  expect(isCancelled).toBe(true);
});
