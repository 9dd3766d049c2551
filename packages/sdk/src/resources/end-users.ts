import type {
  CreateUploadTicket,
  CredentialStatus,
  EndUserList,
  SealingKey,
  Task,
  UploadTicket,
} from "../contract/records.ts";
import { type CredentialField, type CredentialValues, readCredentialValues } from "../credential-values.ts";
import { ApiError, SealingError, StablehandError } from "../errors.ts";
import { sealValues } from "../sealing/seal-values.ts";
import type { CallOptions, Transport } from "../transport.ts";
import { type WaitOptions, waitForTask } from "../wait-for-task.ts";

/** Where values are sealed: in this process, or by the server. */
export type Sealing = "client" | "server";

/** One end-user's credentials. No method ever gives a value back. */
export interface Credentials {
  /**
   * Stores or replaces the given fields; the others keep their value. All or nothing, and safe to repeat.
   *
   * Sealed in this process where the server offers it: the values then never leave it in clear.
   */
  set(values: CredentialValues, options?: CallOptions): Promise<void>;
  /** Which platforms are configured, how fresh, how healthy. */
  get(options?: CallOptions): Promise<CredentialStatus>;
  /** Removes the named fields, or all of them. Irreversible. */
  delete(fields?: readonly CredentialField[], options?: CallOptions): Promise<void>;
  /**
   * Lets a real browser see whether the stored cookies still sign in, on the named platforms or all; waits for the outcome,
   * which is the task's `check`. Errors as of `tasks.run`.
   */
  check(platforms?: readonly Platform[], options?: CallOptions & WaitOptions): Promise<CheckedTask>;
}

/** A platform's name. */
export type Platform = keyof CredentialStatus["platforms"];

/** A check that is done. */
export type CheckedTask = Task & { readonly check: NonNullable<Task["check"]> };

/** One end-user of your business, by the id that you chose. */
export interface EndUser {
  readonly credentials: Credentials;
  /** Makes the address of a page on which the end-user stores its own cookies, once and for these platforms alone. */
  createUploadTicket(ticket: CreateUploadTicket, options?: CallOptions): Promise<UploadTicket>;
}

/** Which end-users to list. */
export interface EndUsersOptions {
  /** 50 by default, 100 at most. */
  readonly limit?: number | undefined;
  /** Those whose id begins so. */
  readonly prefix?: string | undefined;
  /** Those whose id contains this, whatever the case of ASCII letters. A page may then hold fewer than `limit` and yet have a next one. */
  readonly search?: string | undefined;
  /** The page before's `nextCursor`. */
  readonly cursor?: string | undefined;
}

/** `client.endUsers`. */
export interface EndUsers {
  /** One end-user of your business, by the id that you chose. Sends nothing. */
  (endUserId: string): EndUser;
  /** Those for whom something is stored, in the order of their ids, with how their credentials stand. */
  list(which?: EndUsersOptions, options?: CallOptions): Promise<EndUserList>;
}

const sealingsMax = 4;

/** Makes `client.endUsers`. */
export function endUsersOf(transport: Transport, sealing: Sealing | undefined): EndUsers {
  let isOffered = true;

  /** Null when this server takes no sealed values. */
  async function findSealingKey(endUserId: string, options: CallOptions): Promise<SealingKey | null> {
    try {
      return await transport.send("get-sealing-key", { params: { endUserId } }, options);
    } catch (error) {
      if (!(error instanceof ApiError && (error.status === 404 || error.status === 405))) throw error;
      if (sealing === "client") throw new SealingError("this server takes no sealed values", { cause: error });
      isOffered = false;
      return null;
    }
  }

  async function setSealed(
    endUserId: string,
    values: readonly (readonly [CredentialField, string])[],
    options: CallOptions,
  ): Promise<"stored" | "not offered"> {
    for (let tries = 1; ; tries++) {
      const key = await findSealingKey(endUserId, options);
      if (!key) return "not offered";
      const sealed = await sealValues({ ...key, endUserId }, values);
      try {
        await transport.send("set-credentials", { params: { endUserId }, body: { sealed } }, options);
        return "stored";
      } catch (error) {
        // Deleted or rotated since it was asked for: the next one may be as short-lived, but hardly four in a row.
        const isStale = error instanceof ApiError && error.code === "sealing_key_changed";
        if (!isStale || tries === sealingsMax) throw error;
      }
    }
  }

  const endUser = (endUserId: string): EndUser => {
    const params = { endUserId };
    return {
      createUploadTicket: (ticket, options) =>
        transport.send("create-upload-ticket", { params, body: ticket }, options),
      credentials: {
        async set(values, options = {}) {
          const checked = readCredentialValues(values);
          const isTried = sealing === "client" || (sealing === undefined && isOffered);
          if (isTried && (await setSealed(endUserId, checked, options)) === "stored") return;
          await transport.send("set-credentials", { params, body: Object.fromEntries(checked) }, options);
        },
        get: (options) => transport.send("get-credentials", { params }, options),
        async delete(fields, options) {
          // The wire takes an empty list for everything; whoever has computed one means nothing.
          if (fields?.length === 0) throw new StablehandError("fields is empty: leave it out to delete everything");
          await transport.send("delete-credentials", { params, ...(fields && { body: { fields } }) }, options);
        },
        async check(platforms, options = {}) {
          const body = platforms ? { platforms } : undefined;
          const { signal, retriesMax } = options;
          const accepted = await transport.send("check-credentials", { params, body }, { signal, retriesMax });
          return (await waitForTask(transport, accepted.taskId, options)) as CheckedTask; // what a completed check is
        },
      },
    };
  };
  return Object.assign(endUser, {
    list: ({ limit, ...which }: EndUsersOptions = {}, options?: CallOptions) =>
      transport.send("list-end-users", { query: { ...which, limit: limit?.toString() } }, options),
  });
}
