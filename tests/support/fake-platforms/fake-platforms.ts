import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Platform } from "@stablehand/contract";
import { createAccount, type FakeAccount, signedInAs } from "./accounts.ts";
import { type Mode, type Reply, replyTo } from "./behaviour.ts";
import { createCertificateAuthority } from "./certificates.ts";
import { allHosts } from "./sites.ts";

/** One request as the fake platforms saw it. `cookie` is the whole header, empty when there was none. */
export interface RecordedRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly cookie: string;
}

/** The five platforms on one loopback port, told apart by the host that is asked for. */
export interface FakePlatforms {
  /** For `EGRESS_HOST_MAP`. */
  readonly hostMap: string;
  /** For `EGRESS_CA_FILE`. */
  readonly caFile: string;
  /** What leads a server's browsers to these platforms. */
  readonly env: Readonly<Record<string, string>>;
  readonly accounts: { readonly alice: FakeAccount; readonly bob: FakeAccount };
  /** Every request so far, in order; emptied by `requests.length = 0`. */
  readonly requests: RecordedRequest[];
  /** Changes how a platform behaves from the next request on; all begin as "signed-in". */
  setMode(platform: Platform, mode: Mode): void;
  /** Cuts all connections and removes the files. */
  stop(): Promise<void>;
}

/** Starts the fake platforms with a new CA, on a free port unless `port` says otherwise. */
export async function startFakePlatforms({ port = 0 }: { readonly port?: number } = {}): Promise<FakePlatforms> {
  const authority = await createCertificateAuthority();
  const accounts = { alice: createAccount("alice"), bob: createAccount("bob") };
  const requests: RecordedRequest[] = [];
  const modes = new Map<Platform, Mode>();

  const server = createServer(await authority.issue(allHosts), (request, response) => {
    const { headers, method = "", url: path = "/" } = request;
    const { host = "", cookie = "" } = headers;
    requests.push({ host, method, path, cookie });
    const nameOf = (platform: Platform) => signedInAs(Object.values(accounts), platform, cookie)?.name ?? null;
    const url = new URL(`https://${host}${path}`);
    send(
      response,
      replyTo(url, (platform) => modes.get(platform) ?? "signed-in", nameOf),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");

  const directory = await mkdtemp(join(tmpdir(), "fake-platforms-"));
  const caFile = join(directory, "ca.pem");
  await writeFile(caFile, authority.certificate);
  await chmod(directory, 0o755); // the worker, another user when tests run as root, reads it

  const hostMap = allHosts.map((host) => `${host}:443=127.0.0.1:${bound.port}`).join(",");
  return {
    hostMap,
    caFile,
    env: { EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: hostMap, EGRESS_CA_FILE: caFile },
    accounts,
    requests,
    setMode: (platform, mode) => void modes.set(platform, mode),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === "silence") return;
  if (reply === "reset") {
    response.destroy();
    return;
  }
  const headers = { "cache-control": "no-store", "content-type": "text/html; charset=utf-8" };
  if ("location" in reply) response.writeHead(302, { ...headers, location: reply.location }).end();
  else response.writeHead(reply.status, headers).end(reply.html);
}
