import { connect, createServer, type Socket } from "node:net";

/** A way to a PostgreSQL that can be cut, as a network or a restart would. */
export interface PostgresProxy {
  readonly url: string;
  /** Ends all connections and refuses `refusals` more, then lets them through again. */
  cut(refusals: number): void;
  /** How many connections have been refused. */
  readonly refused: number;
  stop(): Promise<void>;
}

/** Starts one on 127.0.0.1 in front of the server of `databaseUrl`. */
export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let toRefuse = 0;
  let refused = 0;
  const server = createServer((near) => {
    if (toRefuse > 0) {
      toRefuse -= 1;
      refused += 1;
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => {}); // it is closed next
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as { port: number }).port); // it listens on TCP
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.href,
    get refused() {
      return refused;
    },
    cut(refusals) {
      toRefuse = refusals;
      endAll();
    },
    async stop() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
