import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../../packages/api/src/app.ts";
import type { ApiConfig } from "../../packages/api/src/config.ts";
import { type AppContext, openContext } from "../../packages/api/src/context.ts";
import type { BusinessId } from "../../packages/core/src/ids.ts";
import { createLog } from "../../packages/core/src/log.ts";
import { migrate } from "../../packages/core/src/migrate.ts";
import { createApiKey } from "../../packages/core/src/store/api-keys.ts";
import { ensureBusiness } from "../../packages/core/src/store/businesses.ts";
import { initVault, type VaultFiles } from "../../packages/vault/src/custody.ts";
import { createTestDatabase } from "./postgres.ts";

const testAuthSecret = "a-secret-of-tests-alone-0123456789";

type App = ReturnType<typeof createApp>;
interface InjectOptions {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string | object;
}
type Response = Awaited<ReturnType<App["inject"]>>;

/** One business of a test, and how it calls. */
export interface TestBusiness {
  readonly businessId: BusinessId;
  readonly keyId: string;
  readonly secret: string;
  /** A request with this business's key; a `payload` that is no text is sent as JSON. */
  call(method: string, url: string, payload?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** An API on a database and a vault of its own, called without a socket. */
export interface TestApi {
  readonly app: App;
  readonly context: AppContext;
  readonly databaseUrl: string;
  readonly vault: VaultFiles;
  inject(request: InjectOptions): Promise<Response>;
  business(name: string): Promise<TestBusiness>;
  stop(): Promise<void>;
}

/** A request; a `payload` that is no text is sent as JSON. */
export function jsonRequest(
  method: string,
  url: string,
  payload: unknown,
  headers: Record<string, string>,
): InjectOptions {
  return {
    method: method as "GET", // light-my-request names only the usual ones
    url,
    headers: { ...(payload !== undefined && { "content-type": "application/json" }), ...headers },
    ...(payload !== undefined && {
      payload: (typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload)) as string,
    }),
  };
}

/** Starts an API for one test file; `settings` are what its config may have otherwise. It logs to `log`, and else nowhere. */
export async function startTestApi(
  settings: Partial<ApiConfig> = {},
  log = createLog("api", "silent"),
): Promise<TestApi> {
  const directory = mkdtempSync(join(tmpdir(), "stablehand-api-"));
  const vault = {
    keyFile: join(directory, "worker/vault.key"),
    keyringFile: join(directory, "worker/keyring.json"),
    publicKeyringFile: join(directory, "keyring.public.json"),
  };
  await initVault(vault);
  const database = await createTestDatabase();
  await migrate(database.url);
  const context = await openContext(
    {
      databaseUrl: database.url,
      connectionsMax: 8,
      host: "127.0.0.1",
      port: 0,
      publicKeyringFile: vault.publicKeyringFile,
      monthlyTaskLimit: null,
      requestsPerSecondMax: null,
      allowPrivateWebhooks: false,
      publicUrl: null,
      trustedProxies: [],
      accounts: { secret: testAuthSecret, allowSignUp: false, oidc: null, mail: null },
      assetUrlTtlSeconds: 86_400,
      assetStore: null,
      metricsPlace: null,
      traceEndpoint: null,
      logLevel: "silent",
      ...settings,
    },
    log,
  );
  const app = createApp(context);
  return {
    app,
    context,
    databaseUrl: database.url,
    vault,
    inject: (request) => app.inject(request),
    async business(name) {
      const businessId = await ensureBusiness(context.database.db, name);
      const { keyId, secret } = await createApiKey(context.database.db, businessId, null);
      return {
        businessId,
        keyId,
        secret,
        call: (method, url, payload, headers = {}) =>
          app.inject(jsonRequest(method, url, payload, { authorization: `Bearer ${secret}`, ...headers })),
      };
    },
    async stop() {
      await app.close();
      await context.close();
      await database.drop();
      rmSync(directory, { recursive: true });
    },
  };
}
