import type { DesignResults } from "@stablehand/contract";

/** The addresses of the files that results refer to, in the order of their first use: pictures, fonts, the logo. */
export function addressesOf({ images, fonts, logo }: DesignResults): string[] {
  const addresses = [
    ...(images && "images" in images ? images.images.map(({ originalSrc }) => originalSrc) : []),
    ...(fonts && "fonts" in fonts ? fonts.fonts.map(({ originalFaceUrl }) => originalFaceUrl) : []),
    logo && "logo" in logo ? logo.logo.src : undefined,
  ];
  return [...new Set(addresses.filter((address) => address !== undefined))];
}
