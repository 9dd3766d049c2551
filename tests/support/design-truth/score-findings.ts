import type { DesignFindings, DesignResults } from "@stablehand/contract";
import { type CssNode, generate, type List, type ListItem, parse as parseCss, walk } from "css-tree";
import { differenceEuclidean, formatHex8, parse as parseColor } from "culori";
import type { ContrastTruth, DesignTruth, LogoTruth, RoleTruth } from "./design-truth.ts";
import { neededContrast, wcagContrast } from "./wcag-contrast.ts";

/** What was found of what there is. */
export interface Score {
  /** What was measured, such as `colors`. */
  readonly of: string;
  readonly right: number;
  /** Found, but not there. */
  readonly false: readonly string[];
  /** There, but not found. */
  readonly missed: readonly string[];
}

/** The part of what was found that is there; 1 when nothing was found. */
export function precisionOf({ right, false: wrong }: Pick<Score, "right" | "false">): number {
  return right + wrong.length === 0 ? 1 : right / (right + wrong.length);
}

/** The part of what is there that was found. */
export function recallOf({ right, missed }: Pick<Score, "right" | "missed">): number {
  return right + missed.length === 0 ? 1 : right / (right + missed.length);
}

/** Adds up scores of one thing over pages. */
export function totalOf(of: string, scores: readonly Score[]): Score {
  const own = scores.filter((score) => score.of === of);
  return {
    of,
    right: own.reduce((sum, { right }) => sum + right, 0),
    false: own.flatMap((score) => score.false),
    missed: own.flatMap((score) => score.missed),
  };
}

/** Compares findings with what is known of the page. An extractor that failed or was not run has found nothing. */
export function scoreFindings(results: DesignResults, truth: Partial<DesignTruth>): Score[] {
  const { images, fonts, colors, icons, tokens, logo } = results;
  const found = {
    images: images && "images" in images ? images.images : [],
    fonts: fonts && "fonts" in fonts ? fonts.fonts : [],
    colors: colors && "colors" in colors ? colors : null,
    icons: icons && "icons" in icons ? icons.icons : [],
    tokens: tokens && "tokens" in tokens ? tokens.tokens : null,
    logo: logo && "logo" in logo ? logo.logo : null,
  };
  const scores: Score[] = [];
  const add = <Value>(
    of: string,
    known: readonly Value[] | undefined,
    values: readonly string[],
    text: (value: Value) => string,
  ) => {
    if (known) scores.push(compare(of, values, known.map(text)));
  };
  if (truth.colors)
    scores.push(
      compareColors(
        "colors",
        (found.colors?.colors ?? []).map(({ hex }) => hex),
        truth.colors,
        truth.mixedColors,
      ),
    );
  if (truth.otherColors !== undefined)
    scores.push(
      compareColors(
        "other scheme",
        (found.colors?.otherScheme?.colors ?? []).map(({ hex }) => hex),
        truth.otherColors ?? [],
      ),
    );
  if (truth.roles) scores.push(scoreRoles(found.colors?.colors ?? [], truth.roles));
  if (truth.contrast) scores.push(scoreContrast(found.colors?.contrastIssues ?? [], truth.contrast));
  add("fonts", truth.fonts, found.fonts.map(fontText), fontText);
  add("properties", truth.properties, (found.tokens?.cssVariables ?? []).map(propertyText), propertyText);
  add("spacing", truth.spacing, (found.tokens?.spacing ?? []).map(String), String);
  add("radii", truth.radii, (found.tokens?.radii ?? []).map(String), String);
  add("shadows", truth.shadows, (found.tokens?.shadows ?? []).map(canonicalCss), canonicalCss);
  add("gradients", truth.gradients, (found.tokens?.gradients ?? []).map(canonicalCss), canonicalCss);
  add("motion", truth.motionMs, (found.tokens?.motionDurationsMs ?? []).map(String), String);
  add(
    "images",
    truth.images,
    found.images.map(
      ({ src, type, naturalWidth, naturalHeight }) =>
        `${type} ${type === "svg" ? "" : src} ${naturalWidth}x${naturalHeight}`,
    ),
    ({ src, type, width, height }) => `${type} ${src ?? ""} ${width}x${height}`,
  );
  const iconText = ({ style, size, count }: { style: string; size: number; count: number }) =>
    `${style} ${size} ${count}`;
  add("icons", truth.icons, found.icons.map(iconText), iconText);
  if (truth.logo) scores.push(scoreLogo(found.logo, truth.logo));
  return scores;
}

type FoundLogo = DesignFindings["logo"]["logo"];

function scoreLogo(found: FoundLogo | null, truth: LogoTruth): Score {
  const isRight =
    truth.kind === "none"
      ? found?.found === false
      : truth.kind === "file"
        ? found?.src === truth.src
        : (found?.svgSource ?? "").includes(truth.path);
  const said = found?.found ? (found.src ?? "").slice(0, 100) : "none";
  return {
    of: "logo",
    right: isRight ? 1 : 0,
    false: isRight ? [] : [said],
    missed: isRight ? [] : [JSON.stringify(truth)],
  };
}

/** Two of the same are two: the second of one that is there once is false. */
function compare(of: string, found: readonly string[], known: readonly string[]): Score {
  const missed = [...known];
  const wrong: string[] = [];
  for (const one of found) {
    const at = missed.indexOf(one);
    if (at === -1) wrong.push(one);
    else missed.splice(at, 1);
  }
  return { of, right: known.length - missed.length, false: wrong, missed };
}

const difference = differenceEuclidean("oklab");
/** Notations with few digits change a colour by a step of one channel. */
const sameColor = 0.006;

/** The same of ratios. */
const sameRatio = 0.02;

function compareColors(
  of: string,
  found: readonly string[],
  known: readonly string[],
  mixed?: readonly string[],
): Score {
  if (mixed) return comparePixels(of, found, known, mixed);
  const missed = [...known];
  const wrong: string[] = [];
  for (const hex of found) {
    const at = missed.findIndex((other) => isSameColor(hex, other));
    if (at === -1) wrong.push(hex);
    else missed.splice(at, 1);
  }
  return { of, right: known.length - missed.length, false: wrong, missed };
}

/** Colours that nobody tells apart are one (decision 12): a known one is found when one like it is. */
const oneColor = 0.01;

function comparePixels(
  of: string,
  found: readonly string[],
  known: readonly string[],
  mixed: readonly string[],
): Score {
  const missed = known.filter((hex) => !found.some((other) => isSameColor(hex, other, oneColor)));
  return {
    of,
    right: known.length - missed.length,
    false: found.filter((hex) => ![...known, ...mixed].some((other) => isSameColor(hex, other))),
    missed,
  };
}

/** What a peer tells may be no colour at all, and is then like none. */
function isSameColor(one: string, other: string, most = sameColor): boolean {
  const [first, second] = [colorOf(one), colorOf(other)];
  return first !== undefined && second !== undefined && difference(first, second) <= most;
}

/** Only of the colours that are known: what else is found is the business of their own score. */
function scoreRoles(found: DesignFindings["colors"]["colors"], known: readonly RoleTruth[]): Score {
  const wrong = known.filter(({ hex, role }) => found.find((one) => isSameColor(one.hex, hex))?.role !== role);
  return {
    of: "roles",
    right: known.length - wrong.length,
    false: wrong.flatMap(({ hex }) => {
      const one = found.find((other) => isSameColor(other.hex, hex));
      return one ? [`${hex} ${one.role}`] : [];
    }),
    missed: wrong.map(({ hex, role }) => `${hex} ${role}`),
  };
}

/** A pair is right when its colours, its ratio and both verdicts are. A step of one channel makes no other pair of it. */
function scoreContrast(found: DesignFindings["colors"]["contrastIssues"], known: readonly ContrastTruth[]): Score {
  const rightOnes = new Set<ContrastTruth>();
  const wrong: string[] = [];
  for (const { fg, bg, ratio, passesAA, passesAAA } of found) {
    const right = known.find((pair) => {
      const exact = wcagContrast(pair.fg, pair.bg);
      const { AA, AAA } = neededContrast(pair.isLarge);
      const isRatio = Math.abs(exact - ratio) <= exact * sameRatio;
      const isJudged = passesAA === exact >= AA && passesAAA === exact >= AAA;
      return isSameColor(pair.fg, fg) && isSameColor(pair.bg, bg) && isRatio && isJudged;
    });
    if (right) rightOnes.add(right);
    else wrong.push(`${fg} on ${bg} ${ratio} ${passesAA} ${passesAAA}`);
  }
  const missed = known.filter((pair) => !rightOnes.has(pair));
  return {
    of: "contrast",
    right: known.length - missed.length,
    false: wrong,
    missed: missed.map(({ fg, bg }) => `${fg} on ${bg}`),
  };
}

function fontText({
  family,
  usage,
  weights,
  source,
}: {
  family: string;
  usage: string;
  weights: readonly number[];
  source: string;
}) {
  return `${family} ${usage} ${weights.join("/")} ${source}`;
}

function propertyText({ name, value, dark }: { name: string; value: string; dark?: string | undefined }): string {
  return `${name}: ${canonicalCss(value)} / ${canonicalCss(dark ?? value)}`;
}

/** One spelling for equal values: colours in hex, no spaces but those that part, zeros without units, defaults left out. */
export function canonicalCss(value: string): string {
  let text = value.trim().replaceAll(/calc\((-?[\d.]+)% \+ (-?[\d.]+)%\)/g, (_, a, b) => `${Number(a) + Number(b)}%`);
  try {
    const tree = parseCss(text, { context: "value" });
    walk(tree, {
      enter(node: CssNode, item: ListItem<CssNode>, list: List<CssNode>) {
        const name =
          node.type === "Function" || node.type === "Identifier" || node.type === "Hash" ? generate(node) : "";
        const color = name ? colorOf(name) : undefined;
        if (color && item && list) list.replace(item, list.createItem({ type: "Identifier", name: formatHex8(color) }));
      },
    });
    text = generate(tree);
  } catch {
    return text.replaceAll(/\s+/g, " "); // a custom property may hold anything
  }
  return text
    .replaceAll(/(?<=^|[\s,(])(-?[\d.]+(?:px)?)-(?=[\d.])/g, "$1 -") // the parser writes no space before a minus
    .replaceAll(/(?<![\w.#-])0px/g, "0")
    .replaceAll(/(?<!\w)\.(\d)/g, "0.$1")
    .split(/,(?![^(]*\))/)
    .map((part) => shadowInOrder(part.trim()))
    .filter((part) => !/^(inset )?(-?[\d.]+(px)? ){4}#[0-9a-f]{6}00$/.test(part)) // a clear shadow is none
    .join(",")
    .replaceAll(/linear-gradient\((180deg|to bottom),/g, "linear-gradient(")
    .replaceAll("linear-gradient(to right,", "linear-gradient(90deg,")
    .replaceAll("linear-gradient(to top,", "linear-gradient(0deg,")
    .replaceAll(/ at (50% 50%|center center|center)(?=,)/g, "");
}

function colorOf(text: string) {
  try {
    return parseColor(text);
  } catch {
    return undefined; // culori throws on some texts that are no colours
  }
}

/** A shadow may be written with its colour first or last, and without a spread of zero. */
function shadowInOrder(part: string): string {
  const words = part.split(" ");
  const lengths = words.filter((word) => /^-?[\d.]+(px)?$/.test(word));
  const colors = words.filter((word) => /^#[0-9a-f]{8}$/.test(word));
  if (lengths.length < 2 || colors.length !== 1) return part;
  const [x, y, blur = "0", spread = "0"] = lengths;
  return [words.includes("inset") ? "inset" : "", x, y, blur, spread, colors[0]].filter(Boolean).join(" ");
}
