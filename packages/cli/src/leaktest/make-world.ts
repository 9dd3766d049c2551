import { createServer } from "node:http";
import type { Canaries } from "./canaries.ts";
import type { SinkPart } from "./search/search-sink.ts";
import { type Attacker, attackerDomain, startAttacker } from "./world/attacker.ts";
import { channels } from "./world/channels.ts";
import { type HostileModel, startHostileModel } from "./world/hostile-model.ts";
import { hostOf } from "./world/hostile-pages.ts";
import { type HostileSite, siteHosts, startHostileSite } from "./world/hostile-site.ts";
import { listen, readBody } from "./world/listen.ts";
import { createSelfSignedCertificate, type ServerCertificate } from "./world/self-signed-certificate.ts";

/** All that a server under test meets outside, on loopback. */
export interface World {
  readonly attacker: Attacker;
  readonly site: HostileSite;
  readonly model: HostileModel;
  readonly webhooks: WebhookReceiver;
  readonly certificate: ServerCertificate;
  /** For `EGRESS_HOST_MAP`. */
  readonly hostMap: string;
}

/** A business's server that is sent events. */
export interface WebhookReceiver {
  readonly url: string;
  received(): SinkPart[];
}

/** Starts the world; `onStop` is told how to end each part of it. */
export async function makeWorld(canaries: Canaries, onStop: (stop: () => Promise<void>) => void): Promise<World> {
  const certificate = createSelfSignedCertificate([
    ...siteHosts,
    ...[`*.${attackerDomain}`, "*.looked-up.example", "localhost"],
  ]);
  const attacker = await startAttacker(certificate);
  onStop(attacker.stop);
  const site = await startHostileSite(certificate, attacker);
  onStop(site.stop);
  const model = await startHostileModel(canaries, site);
  onStop(model.stop);
  const webhooks = await startWebhookReceiver(onStop);
  // The way to the attacker is open as far as names go: nothing but the cage keeps a page from it.
  const attackerHosts = [...channels.map(hostOf), `open.${attackerDomain}`];
  const places = [
    ...siteHosts.map((host) => `${host}:443=127.0.0.1:${site.port}`),
    ...attackerHosts.flatMap((host) => [443, 80].map((port) => `${host}:${port}=127.0.0.1:${attacker.tcpPort}`)),
  ];
  return { attacker, site, model, webhooks, certificate, hostMap: places.join(",") };
}

async function startWebhookReceiver(onStop: (stop: () => Promise<void>) => void): Promise<WebhookReceiver> {
  const received: SinkPart[] = [];
  const server = createServer(async (request, response) => {
    const body = await readBody(request).catch(() => "");
    received.push({ where: "an event", bytes: Buffer.from(`${request.rawHeaders.join("\n")}\n\n${body}`) });
    response.writeHead(200).end();
  });
  const port = await listen(server);
  onStop(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${port}/leaktest`, received: () => received };
}
