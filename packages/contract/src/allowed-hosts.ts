import { z } from "zod";
import { isHostRule } from "./platform-hosts.ts";
import { isPublicHost } from "./web-address.ts";

/** The most rules that a task or a business may have. */
export const allowedHostsMax = 50;

/** Below these names every country has strangers' domains: `.co.uk`, `.com.au`, `.or.jp`. */
const countrySuffix = /^\.(?:com?|net?|org?|gov?|gob|edu?|ac|mil|ltd|plc)\.[a-z]{2}$/;

/**
 * Why a browser may not be allowed these hosts, as the end of a sentence; null when it may.
 *
 * Refused are what is no rule's form, what is private by its name, and suffixes under which anyone can have a domain. Of
 * those only whole top-level domains and the usual ones of countries are known here, no list of all.
 */
export function refusalOfAllowedHost(text: string): string | null {
  if (/^\.[a-z0-9-]+$/.test(text) || countrySuffix.test(text))
    return "would allow a whole top-level domain: name a domain below it";
  if (!isPublicHost(text.startsWith(".") ? `any${text}` : text)) return "is a private name, which no task may open";
  if (isHostRule(text)) return null;
  return "is no host: it must look like example.com, or .example.com for that name and all below it, in lower case, without scheme, port and path";
}

/** Hosts beside those of the platforms, with every refusal in words. */
export const allowedHosts = z
  .array(z.string("allowedHosts must be an array of hosts"), "allowedHosts must be an array of hosts")
  .max(allowedHostsMax, `allowedHosts has more than ${allowedHostsMax} hosts`)
  .superRefine((hosts, context) => {
    for (const host of hosts) {
      const refusal = refusalOfAllowedHost(host);
      if (!refusal) continue;
      context.addIssue({ code: "custom", message: `allowedHosts: ${JSON.stringify(host.slice(0, 80))} ${refusal}` });
    }
  })
  .meta({ example: ["example.com", ".example.org"] });
