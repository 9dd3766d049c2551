import { randomUUID } from "node:crypto";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The tenant. Only authentication and the database make one. */
export type BusinessId = Branded<"BusinessId">;

/** A task's id, a UUID. */
export type TaskId = Branded<"TaskId">;

/** A session's id, a UUID. */
export type SessionId = Branded<"SessionId">;

/** A webhook endpoint's id, a UUID. */
export type WebhookEndpointId = Branded<"WebhookEndpointId">;

/** The id of a file that an extraction kept, a UUID. */
export type AssetId = Branded<"AssetId">;

/** The id of an upload ticket, a UUID. It is no secret. */
export type UploadTicketId = Branded<"UploadTicketId">;

/** A new random id of the wanted kind. */
export function newId<Id extends BusinessId | TaskId | SessionId | WebhookEndpointId | AssetId | UploadTicketId>(): Id {
  return randomUUID() as string as Id; // the one place where ids are minted
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Takes a caller's text for an id; null when it cannot be one, so that it never reaches the database. */
export function parseId<Id extends TaskId | SessionId | WebhookEndpointId | AssetId | UploadTicketId>(
  text: string,
): Id | null {
  return uuid.test(text) ? (text.toLowerCase() as Id) : null;
}
