/** One event of a stream, as it came. */
export interface StreamEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

const charactersMax = 4 * 1024 * 1024; // of one event

/**
 * Reads server-sent events; null for each piece that brought none, such as a comment that keeps the line open.
 *
 * Ends with the stream; what follows the last blank line is no event. Source: WHATWG HTML, "server-sent events".
 */
export async function* readEventStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent | null, void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A carriage return at the end may be half of a line's end: it waits for what follows.
      const text = rest + (done ? "" : decoder.decode(value, { stream: true }));
      const whole = !done && text.endsWith("\r") ? text.slice(0, -1) : text;
      const blocks = whole.replaceAll(/\r\n?/g, "\n").split("\n\n");
      rest = (blocks.pop() ?? "") + text.slice(whole.length);
      if (rest.length > charactersMax) throw new Error("an event is longer than 4 MiB");
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event) yield event;
      }
      if (done) return;
      yield null;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it is over already
  }
}

function parseEvent(block: string): StreamEvent | null {
  let id: string | null = null;
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "id") id = value;
    else if (name === "event") event = value;
    else if (name === "data") data.push(value);
  }
  return data.length > 0 ? { id, event, data: data.join("\n") } : null;
}
