import type { Server } from "node:net";

/** Lets a server listen on a free port of 127.0.0.1, and says which. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");
  return bound.port;
}

/** Reads what a request carries, at most `bytesMax`; the rest is read and dropped. */
export async function readBytes(stream: AsyncIterable<Buffer>, bytesMax = 4_000_000): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The same as text. */
export async function readBody(stream: AsyncIterable<Buffer>): Promise<string> {
  return (await readBytes(stream)).toString("utf8");
}
