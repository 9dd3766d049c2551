import { createServer, type Server } from "node:https";
import { type CredentialField, credentialFields, fieldsOf, type Platform, platformOfHost } from "@stablehand/contract";
import { createRenewedValue } from "../canaries.ts";
import type { Sought } from "../search/needles.ts";
import { channels } from "./channels.ts";
import { type AttackerPorts, attackPage, echoPage } from "./hostile-pages.ts";
import { listen } from "./listen.ts";
import type { ServerCertificate } from "./self-signed-certificate.ts";

/** The five platforms as an enemy would run them. */
export interface HostileSite {
  readonly port: number;
  /** What it renewed cookies with. */
  readonly renewed: readonly Sought[];
  /** The cookies that browsers sent last, by field. */
  readonly sent: ReadonlyMap<CredentialField, string>;
  /** The platforms whose sites were sent every one of their cookies. */
  readonly signedIn: ReadonlySet<Platform>;
  /** Resolves when a page of this channel, or `all`, said that it is through; or after `timeoutMs`. */
  tried(channel: string, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** The names that are led to it, beside the attacker's. */
export const siteHosts = [
  ...["x.com", "www.x.com", "api.x.com", "twitter.com", "www.twitter.com"],
  ...["www.reddit.com", "reddit.com", "www.tiktok.com", "tiktok.com"],
  ...["www.youtube.com", "youtube.com", "accounts.google.com", "www.instagram.com", "instagram.com"],
  "open.example",
] as const;

/** The cookie that each site renews with every page. */
const renewals: Readonly<Record<Platform, { field: CredentialField; cookie: string; domain: string }>> = {
  twitter: { field: "twitterCt0", cookie: "ct0", domain: ".x.com" },
  reddit: { field: "redditSession", cookie: "reddit_session", domain: ".reddit.com" },
  tiktok: { field: "tiktokCsrfToken", cookie: "tt_csrf_token", domain: ".tiktok.com" },
  youtube: { field: "youtubeSapisid", cookie: "SAPISID", domain: ".youtube.com" },
  instagram: { field: "instagramCsrfToken", cookie: "csrftoken", domain: ".instagram.com" },
};
const renewedMax = 60;

/** Starts the hostile site on loopback. It keeps no value beyond those it makes itself. */
export async function startHostileSite(certificate: ServerCertificate, ports: AttackerPorts): Promise<HostileSite> {
  const renewed: Sought[] = [];
  const lastSent = new Map<CredentialField, string>();
  const signedIn = new Set<Platform>();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const whenTried = (channel: string) => {
    const wait = waiting.get(channel) ?? Promise.withResolvers<void>();
    waiting.set(channel, wait);
    return wait;
  };

  const server: Server = createServer(certificate, (request, response) => {
    request.resume();
    const { host = "", cookie = "" } = request.headers;
    const url = new URL(request.url ?? "/", `https://${host}`);
    const html = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
    const to = url.searchParams.get("to") ?? "";
    const [, tried] = /^\/leaktest\/tried\/([\w-]+)$/.exec(url.pathname) ?? [];
    if (tried !== undefined) {
      whenTried(tried).resolve();
      return void response.writeHead(204).end();
    }
    if (url.pathname === "/leaktest/redirect") return void response.writeHead(302, { location: to }).end();
    if (url.pathname === "/leaktest/fetches.js")
      return void response
        .writeHead(200, { "content-type": "text/javascript" })
        .end(`fetch(${JSON.stringify(to)}, { mode: "no-cors" })`);
    if (url.pathname.startsWith("/leaktest/image")) return void response.writeHead(404).end();
    const platform = platformOfHost(host);
    if (platform) lookAt(platform, cookie);
    const [, name] = /^\/leaktest\/attack(?:\/([\w-]+))?$/.exec(url.pathname) ?? [];
    if (url.pathname.startsWith("/leaktest/attack")) {
      const channel = channels.find((one) => one.name === name) ?? null;
      return void response.writeHead(200, html).end(attackPage(ports, channel, url.searchParams.get("say") ?? ""));
    }
    const sent = cookie.split("; ").flatMap((pair) => pair.slice(pair.indexOf("=") + 1) || []);
    const fresh = platform && sent.length > 0 ? renew(platform) : null;
    const known = [...sent, ...(fresh ? [fresh.value] : []), ...url.searchParams.getAll("say")];
    response.writeHead(200, { ...html, ...(fresh && { "set-cookie": fresh.header }) }).end(echoPage(known));
  });

  function lookAt(platform: Platform, cookie: string): void {
    const pairs = cookie.split("; ");
    const found = fieldsOf(platform).flatMap((field): [CredentialField, string][] => {
      const start = `${credentialFields[field].cookie}=`;
      const pair = pairs.find((one) => one.startsWith(start));
      return pair === undefined ? [] : [[field, pair.slice(start.length)]];
    });
    for (const [field, value] of found) lastSent.set(field, value);
    if (found.length === fieldsOf(platform).length) signedIn.add(platform);
  }

  function renew(platform: Platform): { value: string; header: string } | null {
    if (renewed.length >= renewedMax) return null;
    const { field, cookie, domain } = renewals[platform];
    const value = createRenewedValue();
    renewed.push({ name: `${field}, renewed`, value });
    return { value, header: `${cookie}=${value}; Domain=${domain}; Path=/; Secure; SameSite=None` };
  }

  const port = await listen(server);
  return {
    port,
    renewed,
    sent: lastSent,
    signedIn,
    async tried(channel, timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([whenTried(channel).promise, late]).finally(() => clearTimeout(timer));
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
