import { Resolver } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isPublicAddress } from "@stablehand/contract";

/** A name that leads to an address to which no event is sent. */
export class PrivateAddressError extends Error {
  constructor() {
    super("the name leads to a private address");
    this.name = "PrivateAddressError";
  }
}

/** Gives every address of a name; rejects when it has none. */
export type ResolveName = (hostname: string) => Promise<readonly string[]>;

const queryTimeoutMs = 3_000;

/** Asks the DNS itself: the system's resolver would keep one of Node's four threads busy as long as a slow name likes. */
export async function resolveByDns(hostname: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: queryTimeoutMs, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const [failure] = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  if (addresses.length === 0) throw failure;
  return addresses;
}

/**
 * A `lookup` for Node's sockets that hands out public addresses only, so that what was checked is what is dialled.
 *
 * One private address among those of a name refuses the name, with PrivateAddressError. Addresses written as such in a
 * URL never come here.
 */
export function publicLookup(resolveName: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname).then(
      (addresses) => {
        if (!addresses.every(isPublicAddress)) return callback(new PrivateAddressError(), []);
        const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
        const [first] = found;
        if (options.all || !first) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}
