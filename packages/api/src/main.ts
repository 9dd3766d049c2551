import { coalesce } from "@stablehand/core/coalesce";
import { openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import { runProgram } from "@stablehand/core/program";
import { openEnqueuer } from "@stablehand/core/queue";
import { findApiKeys, type KnownKey } from "@stablehand/core/store/api-keys";
import { openPublicKeyring } from "@stablehand/vault/keyring";
import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { openCredentialWriter } from "./credential-writer.ts";
import { collectKeyUsage } from "./key-usage.ts";

await runProgram(async () => {
  const config = readConfig(process.env);
  const log = createLog("api", config.logLevel);
  const keyring = openPublicKeyring(config.publicKeyringFile);
  const database = openDatabase(config.databaseUrl, { program: "api", connectionsMax: config.connectionsMax, log });
  const enqueuer = await openEnqueuer(database, log);
  const usage = collectKeyUsage(database.db, log);
  const app = createApp({
    database,
    log,
    enqueuer,
    credentials: openCredentialWriter(database, keyring),
    findApiKey: coalesce<Buffer, KnownKey | null>({
      runAll: (hashes) => findApiKeys(database.pool, hashes),
      runsMax: 2,
      batchMax: 256,
    }),
    keyUsed: usage.used,
  });
  const url = await app.listen({ host: config.host, port: config.port });
  log.info({ url }, "the API listens");
  return {
    ready: { url },
    async stop() {
      await app.close();
      await usage.close();
      await enqueuer.close();
      await database.close();
    },
  };
});
