import type { ApiKey, CreatedApiKey } from "../contract/records.ts";
import type { CallOptions, Transport } from "../transport.ts";

/** `client.apiKeys`: for the client of a signed-in account; the server refuses an API key here. */
export interface ApiKeys {
  /** Makes a key. Its `secret` is in this answer and is never shown again, so nothing is repeated that may have been done. */
  create(key?: { readonly label?: string | undefined }, options?: CallOptions): Promise<CreatedApiKey>;
  /** All keys of the business, newest first, revoked ones included. */
  list(options?: CallOptions): Promise<readonly ApiKey[]>;
  /** Revokes a key, by its first 16 characters, for good: the next request with it is refused. Safe to repeat. */
  revoke(prefix: string, options?: CallOptions): Promise<ApiKey>;
}

/** Makes `client.apiKeys`. */
export function apiKeysOf(transport: Transport): ApiKeys {
  return {
    create: (key = {}, options) => transport.send("create-api-key", { body: key }, options),
    list: async (options) => (await transport.send("list-api-keys", {}, options)).keys,
    revoke: (prefix, options) => transport.send("revoke-api-key", { params: { prefix } }, options),
  };
}
