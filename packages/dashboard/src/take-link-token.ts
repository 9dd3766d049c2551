/**
 * The token of the link that led here, from its fragment or query; null when it has none.
 *
 * It is taken out of the address, so that it does not stay in the history.
 */
export function takeLinkToken(): string | null {
  const url = new URL(location.href);
  const fragment = url.hash.slice(1);
  const token = url.searchParams.get("token") ?? new URLSearchParams(fragment).get("token") ?? fragment;
  if (!token) return null;
  history.replaceState(history.state, "", url.pathname);
  return token;
}
