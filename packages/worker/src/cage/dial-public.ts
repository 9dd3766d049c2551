import { isIP, type Socket } from "node:net";
import { isPublicAddress, isPublicHost } from "@stablehand/contract";
import type { RefusalReason } from "./egress-log.ts";
import type { Internet } from "./internet.ts";

/** Where a request wants to go: a host in the URL parser's form, IPv6 in brackets. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A target that may not, or can not, be reached. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(`not reached: ${reason}`, options);
    this.reason = reason;
  }
}

/** Connects to targets, public ones only. */
export type DialPublic = (target: Target, signal: AbortSignal) => Promise<Socket>;

const resolveMs = 8_000;
const connectMs = 6_000;
const addressesMax = 32;
const attemptsMax = 4;
const rememberedMs = 30_000;
const rememberedMax = 1_000;

/**
 * Makes a dialler that resolves a name itself, refuses it when any one of its addresses is not public unicast, and
 * connects to one of the very addresses that it checked.
 *
 * What was checked is remembered for 30 s. Tries four addresses at most, one after the other, 6 s each.
 * Errors: UnreachableError; whatever `signal` was aborted with.
 */
export function createDialPublic(internet: Internet): DialPublic {
  const remembered = new Map<string, Promise<readonly string[]>>();

  function addressesOf(host: string): Promise<readonly string[]> {
    const known = remembered.get(host);
    if (known) return known;
    const found = checkedAddresses(internet, host);
    const [oldest] = remembered.keys();
    if (remembered.size >= rememberedMax && oldest !== undefined) remembered.delete(oldest);
    remembered.set(host, found);
    const forget = () => {
      if (remembered.get(host) === found) remembered.delete(host);
    };
    found.then(() => setTimeout(forget, rememberedMs).unref(), forget);
    return found;
  }

  return async ({ host, port }, signal) => {
    if (!isPublicHost(host)) throw new UnreachableError("private_address");
    const literal = host.replace(/^\[|\]$/g, "");
    const addresses = isIP(literal) ? [literal] : await addressesOf(host);
    let failure: unknown;
    for (const address of addresses.slice(0, attemptsMax)) {
      signal.throwIfAborted();
      try {
        return await connected(internet.dial(address, port), signal);
      } catch (error) {
        failure = error;
      }
    }
    signal.throwIfAborted();
    throw new UnreachableError("not_reached", { cause: failure });
  };
}

async function checkedAddresses({ resolveName }: Internet, host: string): Promise<readonly string[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("the name was not resolved in time")), resolveMs);
  let addresses: readonly string[];
  try {
    addresses = await Promise.race([resolveName(host), late.promise]);
  } catch (error) {
    throw new UnreachableError("not_resolved", { cause: error });
  } finally {
    clearTimeout(timer);
  }
  if (addresses.length === 0 || addresses.length > addressesMax) throw new UnreachableError("not_resolved");
  if (!addresses.every(isPublicAddress)) throw new UnreachableError("private_address");
  return addresses;
}

function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      settle();
      socket.on("error", () => undefined); // of its end, which nobody waits for any more
      socket.destroy();
      reject(error);
    };
    const aborted = () => fail(new Error("given up"));
    const timer = setTimeout(() => fail(new Error("no connection in time")), connectMs);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      socket.off("error", fail);
    };
    signal.addEventListener("abort", aborted);
    socket.once("error", fail);
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
    if (signal.aborted) aborted();
  });
}
