/** What a page's design is made of, known before the page is. */
export interface DesignTokens {
  /** Of the page's host, too: `NAME.example`. */
  readonly name: string;
  readonly palette: Palette;
  /** Under the dark scheme; null for a page that has one scheme. */
  readonly dark: Palette | null;
  /** How the page changes to its dark scheme. */
  readonly darkBy: "media" | "attribute" | "class";
  readonly fonts: { readonly headings: FontName; readonly body: FontName; readonly code: FontName };
  readonly fontsFrom: "self-hosted" | "google" | "cdn";
  /** Font sizes in pixels, smallest first. */
  readonly typeScale: readonly number[];
  /** In pixels. */
  readonly spacing: readonly number[];
  readonly radii: readonly number[];
  readonly shadows: readonly string[];
  readonly gradients: readonly string[];
  readonly motionMs: readonly number[];
  readonly logo: LogoKind;
  /** How values are written: where rules stand, whether by custom properties, in which notation and unit. */
  readonly rulesIn: "file" | "element" | "import" | "layer" | "script" | "shadow tree";
  readonly byProperties: boolean;
  readonly notation: "hex" | "rgb" | "hsl" | "oklch";
  readonly unit: "px" | "rem";
}

/** Colours, in hex: each is painted, and each is told apart by eye. */
export interface Palette {
  readonly background: string;
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly border: string;
  readonly primary: string;
  readonly error: string;
  readonly success: string;
  readonly warning: string;
}

/** The fonts that the pages bring. */
export type FontName = "Inter" | "Lora" | "JetBrains Mono";

/** Where a page has its logo; `none` for one that has none. */
export type LogoKind =
  | "drawing"
  | "sprite"
  | "picture"
  | "background"
  | "named picture"
  | "vector icon"
  | "icons by size"
  | "manifest"
  | "og:logo"
  | "none";

/** The names of the colours, in their order. */
export const colorNames = [
  "background",
  "surface",
  "text",
  "muted",
  "border",
  "primary",
  "error",
  "success",
  "warning",
] as const satisfies readonly (keyof Palette)[];

/** Nine colours in the order of {@link Palette}'s keys. */
function palette(list: string): Palette {
  const colors = list.split(" ");
  // one entry for every name, and nine colours in every list below: the test of the pages counts them
  return Object.fromEntries(colorNames.map((name, nth) => [name, `#${colors[nth]}`])) as unknown as Palette;
}

const shadows = {
  soft: ["0 1px 2px rgba(0, 0, 0, 0.08)", "0 4px 12px rgba(0, 0, 0, 0.12)"],
  layered: [
    "0 1px 3px rgba(16, 24, 40, 0.1), 0 1px 2px rgba(16, 24, 40, 0.06)",
    "0 20px 24px -4px rgba(16, 24, 40, 0.1)",
  ],
  inset: ["inset 0 2px 4px rgba(0, 0, 0, 0.2)", "6px 6px 0 #000000"],
};

/** The designs of the pages that extraction is measured by. */
export const designs: readonly DesignTokens[] = [
  {
    name: "acorn",
    palette: palette("ffffff e9eef5 1b2733 5d6b7a c3ccd6 2563eb dc2626 16a34a f59e0b"),
    dark: palette("0b1220 1c2738 f1f5f9 94a3b8 46556b 60a5fa f87171 4ade80 fbbf24"),
    darkBy: "media",
    fonts: { headings: "Lora", body: "Inter", code: "JetBrains Mono" },
    fontsFrom: "self-hosted",
    typeScale: [12, 14, 16, 20, 28, 40],
    spacing: [4, 8, 12, 16, 24, 32, 48, 64],
    radii: [4, 8, 16, 9999],
    shadows: shadows.layered,
    gradients: ["linear-gradient(90deg, #2563eb, #16a34a)"],
    motionMs: [150, 300],
    logo: "drawing",
    rulesIn: "file",
    byProperties: true,
    notation: "hex",
    unit: "px",
  },
  {
    name: "birch",
    palette: palette("fbf7ef efe6d3 2d2013 7a6a55 cdbf9f b45309 9f1239 3f6212 ca8a04"),
    dark: null,
    darkBy: "media",
    fonts: { headings: "Inter", body: "Lora", code: "JetBrains Mono" },
    fontsFrom: "google",
    typeScale: [13, 16, 18, 24, 36],
    spacing: [5, 10, 15, 20, 30, 45],
    radii: [3, 6],
    shadows: shadows.soft,
    gradients: ["linear-gradient(45deg, #b45309, #ca8a04)", "radial-gradient(circle at 50% 50%, #efe6d3, #cdbf9f)"],
    motionMs: [200],
    logo: "picture",
    rulesIn: "element",
    byProperties: false,
    notation: "rgb",
    unit: "px",
  },
  {
    name: "cedar",
    palette: palette("0f1115 20242d eceff4 9aa3b2 3f4756 8b5cf6 ff5c5c 34d399 ffcf5c"),
    dark: null,
    darkBy: "media",
    fonts: { headings: "Inter", body: "Inter", code: "JetBrains Mono" },
    fontsFrom: "cdn",
    typeScale: [14, 16, 22, 32, 48],
    spacing: [6, 12, 18, 24, 36, 60],
    radii: [2, 10, 20],
    shadows: shadows.inset,
    gradients: ["conic-gradient(from 90deg at 50% 50%, #8b5cf6, #34d399, #8b5cf6)"],
    motionMs: [120, 240, 480],
    logo: "sprite",
    rulesIn: "import",
    byProperties: true,
    notation: "hsl",
    unit: "rem",
  },
  {
    name: "dogwood",
    palette: palette("fff7fb f8dcea 3b0a24 8a5a73 dbaac4 db2777 e11d48 0d9488 ea580c"),
    dark: palette("1f0715 3d1029 fde7f3 c79bb2 7b4862 f472b6 fb7185 2dd4bf fb923c"),
    darkBy: "attribute",
    fonts: { headings: "Lora", body: "Lora", code: "JetBrains Mono" },
    fontsFrom: "self-hosted",
    typeScale: [12, 15, 19, 25, 33],
    spacing: [2, 6, 14, 22, 40],
    radii: [12, 24],
    shadows: shadows.layered,
    gradients: ["linear-gradient(to right, #db2777, #ea580c)"],
    motionMs: [180, 360],
    logo: "background",
    rulesIn: "layer",
    byProperties: true,
    notation: "oklch",
    unit: "px",
  },
  {
    name: "elder",
    palette: palette("f4f6f0 dde4d3 1c2414 66725a b3bfa3 4d7c0f b91c1c 15803d d97706"),
    dark: palette("10140b 222a18 eef2e6 a3ae94 4c5840 a3e635 f87171 86efac fcd34d"),
    darkBy: "class",
    fonts: { headings: "JetBrains Mono", body: "Inter", code: "JetBrains Mono" },
    fontsFrom: "google",
    typeScale: [14, 18, 22, 30],
    spacing: [3, 9, 21, 27, 51],
    radii: [1, 7],
    shadows: shadows.soft,
    gradients: ["linear-gradient(135deg, #4d7c0f 0%, #15803d 60%, #1c2414 100%)"],
    motionMs: [90, 700],
    logo: "vector icon",
    rulesIn: "file",
    byProperties: true,
    notation: "rgb",
    unit: "rem",
  },
  {
    name: "fir",
    palette: palette("ecfeff bfeaf0 083344 3f7482 8cc7d1 0e7490 be123c 047857 b45309"),
    dark: null,
    darkBy: "media",
    fonts: { headings: "Lora", body: "Inter", code: "JetBrains Mono" },
    fontsFrom: "self-hosted",
    typeScale: [11, 13, 16, 21, 31],
    spacing: [7, 11, 19, 29, 37],
    radii: [5, 15],
    shadows: shadows.inset,
    gradients: ["repeating-linear-gradient(45deg, #0e7490 0px, #0e7490 10px, #bfeaf0 10px, #bfeaf0 20px)"],
    motionMs: [250],
    logo: "icons by size",
    rulesIn: "script",
    byProperties: false,
    notation: "hex",
    unit: "px",
  },
  {
    name: "ginkgo",
    palette: palette("fefce8 f3ecb8 2a2503 7d7330 d6cb7a a16207 c2410c 4d7c0f 7c3aed"),
    dark: palette("1a1702 332d08 fdf9d8 bcb06a 665c1d facc15 fb923c bef264 c4b5fd"),
    darkBy: "media",
    fonts: { headings: "Inter", body: "Lora", code: "JetBrains Mono" },
    fontsFrom: "cdn",
    typeScale: [13, 17, 23, 37],
    spacing: [4, 10, 26, 42],
    radii: [6, 18],
    shadows: shadows.soft,
    gradients: ["radial-gradient(#facc15, #a16207)"],
    motionMs: [100, 400, 1000],
    logo: "manifest",
    rulesIn: "file",
    byProperties: true,
    notation: "hsl",
    unit: "px",
  },
  {
    name: "hazel",
    palette: palette("ffffff eae4f7 22163b 6c5f8c c4b8e0 6d28d9 e11d48 059669 d97706"),
    dark: null,
    darkBy: "media",
    fonts: { headings: "Inter", body: "Inter", code: "JetBrains Mono" },
    fontsFrom: "self-hosted",
    typeScale: [12, 16, 20, 26, 34],
    spacing: [8, 16, 24, 40, 56, 72],
    radii: [9, 27],
    shadows: shadows.layered,
    gradients: ["linear-gradient(0deg, #6d28d9, #e11d48)"],
    motionMs: [160, 320],
    logo: "og:logo",
    rulesIn: "shadow tree",
    byProperties: true,
    notation: "hex",
    unit: "px",
  },
  {
    name: "ivy",
    palette: palette("121212 2a2a2a fafafa a1a1a1 505050 22c55e ef4444 38bdf8 eab308"),
    dark: null,
    darkBy: "media",
    fonts: { headings: "JetBrains Mono", body: "JetBrains Mono", code: "JetBrains Mono" },
    fontsFrom: "self-hosted",
    typeScale: [12, 14, 18, 24],
    spacing: [1, 5, 13, 34, 55],
    radii: [4],
    shadows: ["0 0 0 3px #22c55e"],
    gradients: ["linear-gradient(270deg, #22c55e, #38bdf8)"],
    motionMs: [75],
    logo: "none",
    rulesIn: "element",
    byProperties: false,
    notation: "oklch",
    unit: "rem",
  },
  {
    name: "juniper",
    palette: palette("eef2ff cfd8fb 1e1b4b 5f63a0 a3b0e8 4f46e5 d6336c 2b8a3e e8590c"),
    dark: palette("0d0c22 201f45 e6e9ff 9aa0d8 4a4d86 818cf8 f783ac 69db7c ffa94d"),
    darkBy: "media",
    fonts: { headings: "Lora", body: "Inter", code: "JetBrains Mono" },
    fontsFrom: "google",
    typeScale: [12, 14, 16, 18, 24, 30, 48],
    spacing: [4, 8, 16, 20, 28, 44, 80],
    radii: [2, 4, 8, 12],
    shadows: shadows.soft,
    gradients: ["linear-gradient(120deg, #4f46e5, #d6336c)", "linear-gradient(#cfd8fb, #eef2ff)"],
    motionMs: [50, 150, 250, 500],
    logo: "named picture",
    rulesIn: "layer",
    byProperties: true,
    notation: "rgb",
    unit: "px",
  },
];
