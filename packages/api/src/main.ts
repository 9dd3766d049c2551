import { createLog } from "@stablehand/core/log";
import { runProgram } from "@stablehand/core/program";
import { serveMetrics } from "@stablehand/core/serve-metrics";
import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { openContext } from "./context.ts";

await runProgram(async () => {
  const config = readConfig(process.env);
  const log = createLog("api", config.logLevel);
  const context = await openContext(config, log);
  const app = createApp(context);
  const url = await app.listen({ host: config.host, port: config.port });
  const metrics = config.metricsPlace && (await serveMetrics(context.metrics.registry, config.metricsPlace));
  log.info({ url, ...(metrics && { metricsUrl: metrics.url }) }, "the API listens");
  return {
    ready: { url },
    async stop() {
      await app.close();
      await metrics?.close();
      await context.close();
    },
  };
});
