import { connect, type Socket } from "node:net";
import { type ResolveName, resolveByDns } from "../webhooks/public-lookup.ts";
import type { RefusalReason } from "./egress-log.ts";

/** The world outside, as the proxy needs it: where names lead, and a way to an address. */
export interface Internet {
  readonly resolveName: ResolveName;
  /** Starts to connect to an address, never to a name. */
  readonly dial: (address: string, port: number) => Socket;
  /** Told of each request that was refused, whatever for. */
  readonly onRefused?: (reason: RefusalReason) => void;
}

/** The real one. */
export const internet: Internet = {
  resolveName: resolveByDns,
  dial: (host, port) => connect({ host, port }),
};

/** A place on this machine that stands for a host and port of the internet. */
export interface LocalPlace {
  readonly address: string;
  readonly port: number;
}

/**
 * An internet of nothing but these hosts, each a server on this machine; for tests and the demo.
 *
 * `places` are keyed by `host:port`. Every host is given a public address of its own, which leads nowhere but to its
 * places, so that all that is checked of the real internet is checked of this one too.
 */
export function mappedInternet(places: ReadonlyMap<string, LocalPlace>): Internet {
  const addresses = new Map<string, string>();
  const placesByAddress = new Map<string, LocalPlace>();
  for (const [target, place] of places) {
    const [host = "", port = ""] = target.split(":");
    const address = addresses.get(host) ?? publicAddress(addresses.size);
    addresses.set(host, address);
    placesByAddress.set(`${address}:${port}`, place);
  }
  return {
    async resolveName(hostname) {
      const address = addresses.get(hostname);
      if (!address) throw new Error("no such host on this machine's map");
      return [address];
    },
    dial(address, port) {
      const place = placesByAddress.get(`${address}:${port}`);
      if (place) return connect({ host: place.address, port: place.port });
      return connect({ host: "127.0.0.1", port: 0 }); // always refused
    },
  };
}

function publicAddress(index: number): string {
  return `8.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}
