import type { Design } from "@stablehand/contract";

type Results = NonNullable<Design["results"]>;

/** What an extraction found, in a few lines for a terminal. Nothing of the page's text can steer that terminal. */
export function summarise({ url, results = {} }: Design): string {
  const lines = Object.entries(describers).flatMap(([name, describe]) => {
    const result = results[name as keyof Results];
    if (!result) return [];
    const text = "error" in result ? `failed: ${result.error}` : describe(results);
    return [`  ${name.padEnd(8)}${printable(text)}`];
  });
  return [printable(url), ...lines].join("\n");
}

/** Each is called only when its result is there and not an error; the types say so again. */
const describers: { readonly [Name in keyof Required<Results>]: (results: Results) => string } = {
  images: ({ images }) => (images && "images" in images ? `${images.images.length}` : ""),
  fonts: ({ fonts }) =>
    fonts && "fonts" in fonts
      ? listed(fonts.fonts.map((one) => `${one.family} (${one.usage}, ${one.weights.join(" ")}, ${one.source})`))
      : "",
  colors({ colors }) {
    if (!colors || !("colors" in colors)) return "";
    const roles = new Map(colors.colors.map(({ role, hex }) => [role, hex] as const).reverse()); // each role's first
    const failing = colors.contrastIssues.filter((one) => !one.passesAA).length;
    const named = [...roles].reverse().map(([role, hex]) => `${role} ${hex}`);
    return `${colors.colors.length}: ${listed(named)}; pairs below AA: ${failing}`;
  },
  icons({ icons }) {
    if (!icons || !("icons" in icons)) return "";
    const styles = (["outline", "solid", "duotone"] as const).flatMap((style) => {
      const count = icons.icons.filter((one) => one.style === style).length;
      return count > 0 ? [`${count} ${style}`] : [];
    });
    return styles.length > 0 ? `${icons.icons.length}: ${styles.join(", ")}` : "0";
  },
  tokens({ tokens }) {
    if (!tokens || !("tokens" in tokens)) return "";
    const { spacing, radii, shadows, gradients, motionDurationsMs, cssVariables } = tokens.tokens;
    return [
      `spacing ${spacing.join(" ") || "none"}`,
      `radii ${radii.join(" ") || "none"}`,
      `${shadows.length} shadows`,
      `${gradients.length} gradients`,
      `${motionDurationsMs.length} durations`,
      `${cssVariables.length} custom properties`,
    ].join("; ");
  },
  logo({ logo }) {
    if (!logo || !("logo" in logo)) return "";
    const { found, type, width, height, src } = logo.logo;
    if (!found) return "none found";
    const size = width !== undefined && height !== undefined ? `${width} × ${height}` : undefined;
    const address = src !== undefined && src.length <= 200 ? src : undefined;
    return [type, size, address].filter((part) => part !== undefined).join(", ");
  },
};

function listed(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join(", ") : "none";
}

/** Control characters, and those that turn the direction of text, become a question mark. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}
