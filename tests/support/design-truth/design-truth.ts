/** What is known of a page's design before anybody looks at it. */
export interface DesignTruth {
  /** Hex; every colour that is painted. */
  readonly colors: readonly string[];
  /** What the page's pixels show beside those, mixed of what nobody declares, such as a gradient: it may be found. */
  readonly mixedColors?: readonly string[];
  /** The same under the scheme that is not the default; null for a page of one scheme. */
  readonly otherColors: readonly string[] | null;
  readonly roles: readonly RoleTruth[];
  readonly contrast: readonly ContrastTruth[];
  readonly fonts: readonly FontTruth[];
  readonly spacing: readonly number[];
  readonly radii: readonly number[];
  readonly shadows: readonly string[];
  readonly gradients: readonly string[];
  readonly motionMs: readonly number[];
  readonly properties: readonly PropertyTruth[];
  readonly images: readonly ImageTruth[];
  readonly icons: readonly IconTruth[];
  readonly logo: LogoTruth;
}

/** What a colour, in hex, is for. */
export interface RoleTruth {
  readonly hex: string;
  readonly role: "primary" | "background" | "text" | "error" | "success" | "warning" | "neutral";
}

/** Text and what it stands on, in hex; large when all such text is large by WCAG. */
export interface ContrastTruth {
  readonly fg: string;
  readonly bg: string;
  readonly isLarge: boolean;
}

/** A family that text is rendered in. */
export interface FontTruth {
  readonly family: string;
  readonly usage: "headings" | "body" | "decorative";
  readonly weights: readonly number[];
  readonly source: "google" | "self-hosted" | "cdn" | "system";
}

/** A custom property of the root. */
export interface PropertyTruth {
  readonly name: string;
  readonly value: string;
  /** Its value under the dark scheme, where that is another. */
  readonly dark?: string;
}

/** A picture of the page. `src` is null for a drawing within the page. */
export interface ImageTruth {
  readonly src: string | null;
  readonly type: "img" | "svg" | "background" | "poster";
  readonly width: number;
  readonly height: number;
}

/** An icon of the page. */
export interface IconTruth {
  readonly style: "outline" | "solid" | "duotone";
  readonly size: number;
  readonly count: number;
}

/** The logo: none, a file, or a drawing with this path in it. */
export type LogoTruth =
  | { readonly kind: "none" }
  | { readonly kind: "file"; readonly src: string }
  | { readonly kind: "drawing"; readonly path: string };

/** A page of known design, and all that it loads. */
export interface TruthPage {
  readonly name: string;
  readonly url: string;
  /** By address. */
  readonly files: ReadonlyMap<string, TruthFile>;
  /** Of a page that others made only the parts that they publish are known. */
  readonly truth: Partial<DesignTruth>;
}

/** A file as a server sends it. */
export interface TruthFile {
  readonly type: string;
  readonly body: string | Buffer;
}
