/**
 * The contrast ratio of two colours in hex, 1 to 21, by the letter of WCAG 2.2.
 *
 * Written from https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio, so that what is measured is not measured by itself.
 */
export function wcagContrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The ratios that WCAG asks for: minimum (AA) and enhanced (AAA). */
export function neededContrast(isLarge: boolean): { readonly AA: number; readonly AAA: number } {
  return isLarge ? { AA: 3, AAA: 4.5 } : { AA: 4.5, AAA: 7 };
}

function luminanceOf(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** `upper` at this opacity over `lower`: hex, channel by channel. */
export function mixed(upper: string, lower: string, opacity: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [a = 0, b = 0] = [upper, lower].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Math.round(a * opacity + b * (1 - opacity))
      .toString(16)
      .padStart(2, "0");
  });
  return `#${channels.join("")}`;
}
