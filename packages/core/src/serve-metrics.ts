import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { type Env, integer } from "./env.ts";

/** Where a program tells its metrics. */
export interface MetricsPlace {
  readonly host: string;
  /** 0 is a free port. */
  readonly port: number;
}

/** Reads where metrics are told; null, and they are told nowhere, when the program's own setting names no port. */
export function readMetricsPlace(
  env: Env,
  portSetting: "API_METRICS_PORT" | "WORKER_METRICS_PORT",
): MetricsPlace | null {
  if (!env[portSetting]) return null;
  return { host: env["METRICS_HOST"] || "127.0.0.1", port: integer(env, portSetting, 0, 0, 65_535) };
}

/** Metrics as they are told, and their end. */
export interface ServedMetrics {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `GET /metrics` in Prometheus' text format to whoever reaches the place; there is no key to it. */
export async function serveMetrics(registry: Registry, { host, port }: MetricsPlace): Promise<ServedMetrics> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, async (request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") return void response.writeHead(404).end();
    try {
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType }).end(text);
    } catch {
      response.writeHead(500).end();
    }
  });
  server.maxConnections = 16;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { address, port: bound } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://${address.includes(":") ? `[${address}]` : address}:${bound}/metrics`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
