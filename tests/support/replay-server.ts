import { join } from "node:path";
import { checkout } from "./checkout.ts";
import { type FakePlatforms, startFakePlatforms } from "./fake-platforms/fake-platforms.ts";
import { makeDataDir, startServer, type TestServer } from "./server.ts";

/** A server whose model is a recording of the documents' task, in front of fake platforms. */
export interface ReplayServer extends Omit<TestServer, "stop"> {
  readonly fakes: FakePlatforms;
  readonly dataDir: string;
  /** Ends the platforms and removes the data, too. */
  stop(): Promise<void>;
}

/** Starts it, in a data directory of its own. */
export async function startReplayServer(): Promise<ReplayServer> {
  const data = await makeDataDir();
  const fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  const server = await startServer(data.dir, {
    ...fakes.env,
    MODEL: `replay:${join(checkout, "tests/support/read-feed.json")}`,
  });
  return {
    ...server,
    fakes,
    dataDir: data.dir,
    async stop() {
      await server.stop();
      await fakes.stop();
      await data.remove();
    },
  };
}
