/**
 * Why a task may not open this address, as the end of a sentence; null when it may.
 *
 * Only http and https, no user name or password, and no literal address that is not public unicast: loopback, private,
 * link-local (cloud metadata), shared, documentation, multicast, and IPv6 forms that carry an IPv4 address. A name is
 * not resolved here: where it leads is for the worker's egress.
 */
export function refusalOfAddress(text: string): string | null {
  if (!URL.canParse(text)) return "is no URL: it must look like https://example.com/path";
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== "http:" && protocol !== "https:") return "must start with http:// or https://";
  if (username || password) return "must not carry a user name or password";
  if (!isPublicHost(hostname)) return "leads to a private address, which no task may open";
  return null;
}

/**
 * False when a URL's host is a local name or a literal address that is not public unicast.
 *
 * `hostname` as the URL parser gives it: it has already made decimal, octal and hexadecimal forms of IPv4 dotted ones.
 */
export function isPublicHost(hostname: string): boolean {
  if (isLocalName(hostname)) return false;
  if (hostname.startsWith("[")) return isPublicAddress(hostname.slice(1, -1));
  return !/^\d+\.\d+\.\d+\.\d+$/.test(hostname) || isPublicAddress(hostname);
}

/** True for an IPv4 or IPv6 address that is public unicast, written as resolvers write it. An IPv4 inside an IPv6 never is. */
export function isPublicAddress(address: string): boolean {
  return address.includes(":") ? isPublicIPv6(address) : isPublicIPv4(address);
}

const localSuffixes = [".localhost", ".local", ".internal", ".home.arpa"];

function isLocalName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "");
  return name === "localhost" || localSuffixes.some((suffix) => name.endsWith(suffix));
}

/** Blocks of IPv4 that are not public unicast (RFC 6890 and the registry's later entries): network and prefix length. */
const closedBlocks = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;

function isPublicIPv4(dotted: string): boolean {
  const address = toNumber(dotted);
  return !closedBlocks.some(([network, prefix]) => address >>> (32 - prefix) === toNumber(network) >>> (32 - prefix));
}

function toNumber(dotted: string): number {
  return dotted.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Only 2000::/3 is global unicast; of it, Teredo, documentation, benchmarking and 6to4 are not, or hide another address. */
function isPublicIPv6(compressed: string): boolean {
  const [first = "0", second = "0"] = compressed.split(":");
  const group = Number.parseInt(first || "0", 16);
  if (group < 0x2000 || group > 0x3fff || group === 0x2002) return false;
  const next = Number.parseInt(second || "0", 16);
  return !(group === 0x2001 && (next < 0x200 || next === 0xdb8)) && !(group === 0x3fff && next < 0x1000);
}
