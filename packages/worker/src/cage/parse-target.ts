import type { Target } from "./dial-public.ts";

/**
 * Reads what a CONNECT asks for, `host:port`; null when it is neither.
 *
 * The URL parser makes every form of a numeric address the usual one: decimal, octal, hexadecimal and short.
 */
export function parseAuthority(authority: string): Target | null {
  const [, host = "", digits = ""] = /^(\[[0-9a-f:.]{2,45}\]|[^\s:/?#@[\]\\]{1,253}):(\d{1,5})$/i.exec(authority) ?? [];
  const port = Number(digits);
  const url = `http://${host}/`;
  if (port < 1 || port > 65_535 || !URL.canParse(url)) return null;
  return { host: new URL(url).hostname, port };
}

/** A plain HTTP request as a proxy gets it. */
export interface AbsoluteTarget extends Target {
  /** As the `Host` header says it. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

/** Reads an absolute-form request target; null when it is none, or not of plain HTTP. */
export function parseAbsoluteForm(target: string): AbsoluteTarget | null {
  if (!URL.canParse(target)) return null;
  const { protocol, hostname: host, host: authority, port, pathname, search, username, password } = new URL(target);
  if (protocol !== "http:" || username || password) return null;
  return { host, port: Number(port || 80), authority, path: pathname + search };
}
