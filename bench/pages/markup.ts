import type { Random } from "../../tests/support/random.ts";

// The markup that real sites have around and between what can be read or used: generated class names, wrappers, inline
// icons, attributes for scripts and tests, addresses with tracking parameters.

/** Class names as style compilers make them. */
export function classes(random: Random, count = 3): string {
  return Array.from({ length: count }, () => `${random.pick(prefixes)}${random.token(random.integer(5, 7))}`).join(" ");
}

const prefixes = ["css-", "sc-", "_", "x", "r-", "jsx-"] as const;

/** `inner` in some `div`s that mean nothing. */
export function wrapped(random: Random, depth: number, inner: string): string {
  let html = inner;
  for (let level = 0; level < depth; level++) html = `<div class="${classes(random)}">${html}</div>`;
  return html;
}

/** An inline icon, hidden from assistive technology as they mostly are. */
export function icon(random: Random): string {
  const point = () => `${random.integer(1, 23)}.${random.integer(10, 99)}`;
  const path = Array.from({ length: 6 }, () => `c${point()} ${point()} ${point()}-${point()} ${point()}-${point()}`);
  return `<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false" class="${classes(random, 2)}"><g><path fill="currentColor" d="M${point()} ${point()}${path.join("")}z"></path></g></svg>`;
}

/** An address with the parameters that sites follow their visitors by. */
export function trackedHref(random: Random, path: string): string {
  return `${path}?ref=${random.pick(["home", "feed", "rec", "nav"])}_${random.token(6)}&amp;utm_source=internal&amp;utm_medium=web&amp;pos=${random.integer(1, 200)}&amp;rid=${random.token(22)}&amp;pf_rd_p=${random.token(12)}-${random.token(4)}&amp;sig=${random.token(32)}`;
}

/** An image of the site's own, with a long address; `alt` empty for a decoration. */
export function image(random: Random, alt: string, size: number): string {
  const source = `/media/${random.token(2)}/${random.token(24)}.svg?w=${size}&amp;fm=webp&amp;q=75`;
  return `<img src="${source}" srcset="${source} 1x, ${source.replace(`w=${size}`, `w=${size * 2}`)} 2x" alt="${alt}" width="${size}" height="${size}" loading="lazy" decoding="async" class="${classes(random, 2)}">`;
}

/** State that a framework leaves for its scripts. */
export function dataBlob(random: Random, id: string, entries: number): string {
  const state = Array.from({ length: entries }, (_, index) => ({
    id: random.token(18),
    index,
    flags: { seen: random.chance(0.5), bucket: random.token(4) },
    url: `/api/graph/${random.token(20)}`,
  }));
  return `<script type="application/json" id="${id}">${JSON.stringify({ buildId: random.token(20), state })}</script>`;
}
