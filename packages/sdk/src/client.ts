import { readBaseUrl } from "./address.ts";
import type {
  CredentialAccessList,
  Session,
  SetSettings,
  Settings,
  TaskStatistics,
  Usage,
} from "./contract/records.ts";
import { readEnvironment } from "./environment.ts";
import { StablehandError } from "./errors.ts";
import { type ApiKeys, apiKeysOf } from "./resources/api-keys.ts";
import { type DesignExtraction, designOf } from "./resources/design.ts";
import { type EndUsers, endUsersOf, type Sealing } from "./resources/end-users.ts";
import { type Tasks, tasksOf } from "./resources/tasks.ts";
import { type Webhooks, webhooksOf } from "./resources/webhooks.ts";
import { type CallOptions, createTransport } from "./transport.ts";

/** How a client reaches its server. */
export interface ClientOptions {
  /** `STABLEHAND_API_KEY` of the environment by default. */
  readonly apiKey?: string | undefined;
  /**
   * In place of an API key: a signed-in account's token, or what gives one that is not over. It is asked at each attempt of
   * each request, so keep the token until it ends; what it throws, the call throws.
   */
  readonly accessToken?: string | (() => string | Promise<string>) | undefined;
  /** `STABLEHAND_BASE_URL` of the environment by default, else `http://127.0.0.1:8787`. */
  readonly baseUrl?: string | undefined;
  /**
   * Where credential values are sealed. By default in this process where the server offers it, and by the server where it
   * does not; `client` insists, `server` never asks.
   */
  readonly sealing?: Sealing | undefined;
  /** Of one attempt of a request, in milliseconds; a minute by default. */
  readonly timeoutMs?: number | undefined;
  /** How many times a failed attempt is repeated, where that is safe; 2 by default. */
  readonly retriesMax?: number | undefined;
  /** The runtime's own by default. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Which accesses to credentials to list. */
export interface AccessOptions {
  /** 50 by default, 100 at most. */
  readonly limit?: number | undefined;
  readonly endUserId?: string | undefined;
  /** The page before's `nextCursor`. */
  readonly cursor?: string | undefined;
}

/** A client of one Stablehand server, with one business's API key or account. Safe to share; holds no connection. */
export class Stablehand {
  readonly tasks: Tasks;
  readonly sessions: { get(sessionId: string, options?: CallOptions): Promise<Session> };
  readonly endUsers: EndUsers;
  readonly design: DesignExtraction;
  /** This month's usage, and statistics of the tasks of 30 days. */
  readonly usage: {
    get(options?: CallOptions): Promise<Usage>;
    statistics(options?: CallOptions): Promise<TaskStatistics>;
  };
  readonly webhooks: Webhooks;
  /** What holds for all of your business's tasks. `set` replaces it; `embedOrigins` stays when it is left out. */
  readonly settings: {
    get(options?: CallOptions): Promise<Settings>;
    set(settings: SetSettings, options?: CallOptions): Promise<Settings>;
  };
  /** Who touched your end-users' credentials, the newest first. */
  readonly accesses: { list(which?: AccessOptions, options?: CallOptions): Promise<CredentialAccessList> };
  readonly apiKeys: ApiKeys;

  /** Throws StablehandError when there is neither an API key nor an access token, or both, or the address is none. Sends nothing. */
  constructor(options: ClientOptions = {}) {
    const transport = createTransport({
      token: tokenOf(options),
      baseUrl: readBaseUrl(options.baseUrl ?? readEnvironment("STABLEHAND_BASE_URL") ?? "http://127.0.0.1:8787"),
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      timeoutMs: options.timeoutMs ?? 60_000,
      retriesMax: options.retriesMax ?? 2,
    });
    this.tasks = tasksOf(transport);
    this.sessions = { get: (sessionId, call) => transport.send("get-session", { params: { sessionId } }, call) };
    this.endUsers = endUsersOf(transport, options.sealing);
    this.design = designOf(transport);
    this.usage = {
      get: (call) => transport.send("get-usage", {}, call),
      statistics: (call) => transport.send("get-task-statistics", {}, call),
    };
    this.webhooks = webhooksOf(transport);
    this.settings = {
      get: (call) => transport.send("get-settings", {}, call),
      set: (settings, call) => transport.send("set-settings", { body: settings }, call),
    };
    this.accesses = {
      list: ({ limit, ...which } = {}, call) =>
        transport.send("list-credential-access", { query: { ...which, limit: limit?.toString() } }, call),
    };
    this.apiKeys = apiKeysOf(transport);
  }
}

function tokenOf({ apiKey, accessToken }: ClientOptions): () => string | Promise<string> {
  if (accessToken === undefined) {
    const key = checkToken("API key", apiKey ?? readEnvironment("STABLEHAND_API_KEY"));
    return () => key;
  }
  if (apiKey !== undefined) throw new StablehandError("give apiKey or accessToken, not both");
  if (typeof accessToken === "function") return async () => checkToken("access token", await accessToken());
  const token = checkToken("access token", accessToken);
  return () => token;
}

/** `fetch` would quote a token that no header can carry in its error, so it is looked at here. */
function checkToken(name: "API key" | "access token", token: string | undefined): string {
  if (!token)
    throw new StablehandError(
      name === "API key" ? "there is no API key: give apiKey, or set STABLEHAND_API_KEY" : "accessToken gave none",
    );
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new StablehandError(`the ${name} has a character that none has: copy it anew`);
  return token;
}
