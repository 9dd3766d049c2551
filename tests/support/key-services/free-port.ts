import { once } from "node:events";
import { createServer } from "node:net";

/** A port of loopback that is free now, for a server that wants a number; if another takes it first, the server says so. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address === "object" && address) return address.port;
  throw new Error("no port");
}
