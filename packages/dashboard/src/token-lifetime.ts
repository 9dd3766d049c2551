/** From its issue to its end, in milliseconds: of the server's clock alone, which need not be this one's. */
export function lifetimeOf(token: string): number {
  const [, payload = ""] = token.split(".");
  const { iat, exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as {
    iat: number;
    exp: number;
  }; // RFC 7519
  return (exp - iat) * 1_000;
}
