import { type Config, optimize, type XastElement, type XastRoot } from "svgo";

/** Finds the markup of the whole drawing that holds what `use` points to, by the address; null when it is not known. */
export type FindDrawing = (address: string) => string | null;

/** How a shape is painted: by its fill, its stroke, or both. Null is unpainted. */
export interface ShapePaint {
  readonly fill: string | null;
  readonly stroke: string | null;
}

/** A drawing in the form in which equal drawings are equal text. */
export interface NormalDrawing {
  readonly source: string;
  /** As far as attributes tell; classes are unknown here. */
  readonly shapes: readonly ShapePaint[];
}

/** Larger drawings are illustrations: they are compared as they are written, since normalising takes long. */
const normalizedLengthMax = 20_000;
const useDepthMax = 5;

/**
 * Makes markup complete: what `use` takes from elsewhere on the page or from another file is put into its place.
 *
 * Markup that is not XML, or is complete already, comes back as it is.
 */
export function completeSvg(markup: string, find: FindDrawing): string {
  if (!/<use\b/.test(markup)) return markup;
  let hasTaken = false;
  const whole = edited(markup, (root) => {
    hasTaken = takeUsed(root, root, find, 0);
  });
  return whole !== null && hasTaken ? whole : markup;
}

/**
 * Brings a drawing into its normal form: without what does not show, such as names, comments, spelling of paths and sizes.
 *
 * Null when the markup is not XML or larger than 20,000 characters.
 */
export function normalizeSvg(markup: string): NormalDrawing | null {
  if (markup.length > normalizedLengthMax) return null;
  const shapes: ShapePaint[] = [];
  try {
    const { data } = optimize(asSvgFile(markup), {
      plugins: [
        { name: "liftOnlyChild", fn: (root) => liftOnlyChild(root) },
        { name: "dropUnseen", fn: (root) => dropUnseen(root) },
        "preset-default",
        "convertStyleToAttrs",
        "removeScripts",
        "removeTitle",
        "removeXlink",
        "sortAttrs",
        { name: "readShapes", fn: (root) => void shapes.push(...shapesIn(root)) },
      ],
    });
    return data.includes("<svg") ? { source: data, shapes } : null;
  } catch {
    return null; // a page may hold what is no SVG
  }
}

/** Makes a file of its own of markup within HTML: adds its namespaces, and drops attributes that only frameworks can name. */
export function asSvgFile(markup: string): string {
  const [open = ""] = /<svg\b[^>]*>/.exec(markup) ?? [];
  let extra = "";
  if (!/\sxmlns\s*=/.test(open)) extra += ' xmlns="http://www.w3.org/2000/svg"';
  if (/\sxlink:/.test(markup) && !/\sxmlns:xlink\s*=/.test(open))
    extra += ' xmlns:xlink="http://www.w3.org/1999/xlink"';
  return markup
    .replace("<svg", `<svg${extra}`)
    .replaceAll("&nbsp;", "&#160;")
    .replaceAll(/\s(?!xlink:|xml:|xmlns:)[\w-]*[@:][\w.:-]+="[^"]*"/g, "");
}

/** The markup without attributes that show nothing and that pages number drawings with: `data-…` and `aria-…`. */
export function withoutMarks(markup: string): string {
  return markup.replaceAll(tags, (tag) => tag.replaceAll(attributes, (all, name) => (marks.test(name) ? "" : all)));
}

const tags = /<[a-zA-Z][^\s>]*(?:\s+[^\s=<>"]+(?:="[^"]*")?)+\s*\/?>/g;
const attributes = /\s+([^\s=>"/]+)(?:="[^"]*")?/g;
const marks = /^(data-|aria-)/;

function edited(markup: string, edit: (root: XastRoot) => void, plugins: Config["plugins"] = []): string | null {
  try {
    return optimize(asSvgFile(markup), {
      plugins: [{ name: "edit", fn: (root) => edit(root) }, ...plugins],
    }).data;
  } catch {
    return null;
  }
}

function elementsIn(parent: XastRoot | XastElement): XastElement[] {
  return parent.children.filter((child) => child.type === "element");
}

function findById(parent: XastRoot | XastElement, id: string): XastElement | null {
  for (const child of elementsIn(parent)) {
    const found = child.attributes["id"] === id ? child : findById(child, id);
    if (found) return found;
  }
  return null;
}

function takeUsed(root: XastRoot, parent: XastRoot | XastElement, find: FindDrawing, depth: number): boolean {
  let hasTaken = false;
  parent.children = parent.children.map((child) => {
    if (child.type !== "element") return child;
    const address = child.attributes["href"] ?? child.attributes["xlink:href"] ?? "";
    const id = decoded(address.split("#", 2)[1] ?? "");
    if (child.name !== "use" || id === "" || (address.startsWith("#") && findById(root, id))) {
      hasTaken = takeUsed(root, child, find, depth) || hasTaken;
      return child;
    }
    const around = find(address);
    let found: XastElement | null = null;
    if (around !== null && depth < useDepthMax)
      edited(around, (other) => {
        takeUsed(other, other, find, depth + 1);
        found = findById(other, id);
      });
    if (!found) return child;
    hasTaken = true;
    return inPlaceOf(child, found);
  });
  return hasTaken;
}

function inPlaceOf(use: XastElement, { name, attributes, children }: XastElement): XastElement {
  const { href: _address, "xlink:href": _oldAddress, x = "0", y = "0", width, height, ...own } = use.attributes;
  const { id: _id, ...theirs } = attributes;
  if (name === "symbol" || name === "svg") {
    const size = {
      ...(width && { width }),
      ...(height && { height }),
      ...(x !== "0" && { x }),
      ...(y !== "0" && { y }),
    };
    return { type: "element", name: "svg", attributes: { ...theirs, ...own, ...size }, children };
  }
  const place = x === "0" && y === "0" ? {} : { transform: `translate(${x} ${y})` };
  const shape: XastElement = { type: "element", name, attributes: theirs, children };
  return { type: "element", name: "g", attributes: { ...own, ...place }, children: [shape] };
}

/** A drawing that only shows another one is that other one. */
function liftOnlyChild(root: XastRoot): void {
  const [outer] = elementsIn(root);
  const drawn = outer ? elementsIn(outer).filter(({ name }) => name !== "title" && name !== "desc") : [];
  const [inner] = drawn;
  if (!outer || !inner || drawn.length !== 1 || inner.name !== "svg") return;
  const { x: _x, y: _y, width: _width, height: _height, ...attributes } = inner.attributes;
  outer.attributes = { ...outer.attributes, ...attributes };
  outer.children = inner.children;
}

function dropUnseen(root: XastRoot): void {
  const [outer] = elementsIn(root);
  if (!outer) return;
  const { width, height, viewBox } = outer.attributes;
  if (viewBox === undefined && width && height)
    outer.attributes["viewBox"] = `0 0 ${Number.parseFloat(width)} ${Number.parseFloat(height)}`;
  else if (viewBox !== undefined)
    outer.attributes["viewBox"] = viewBox
      .trim()
      .split(/[\s,]+/)
      .map(Number)
      .join(" ");
  for (const name of [
    "width",
    "height",
    "x",
    "y",
    "style",
    "color",
    "id",
    "version",
    "preserveAspectRatio",
    "overflow",
  ])
    delete outer.attributes[name];
  // Without a rule that names them, classes and data show nothing.
  const hasRules = JSON.stringify(root).includes('"name":"style"');
  const drop = (element: XastElement): void => {
    for (const name of Object.keys(element.attributes))
      if (
        /^(data-|aria-|on)|^(role|focusable|tabindex|enable-background)$/.test(name) ||
        (name === "class" && !hasRules)
      )
        delete element.attributes[name];
    element.children = element.children.filter(
      (child) => child.type !== "element" || !/^(title|desc)$/.test(child.name),
    );
    for (const child of elementsIn(element)) drop(child);
  };
  drop(outer);
}

interface Inherited {
  readonly fill: string;
  readonly stroke: string;
  readonly opacity: number;
  readonly fillOpacity: string;
  readonly strokeOpacity: string;
}

const initial: Inherited = { fill: "#000", stroke: "none", opacity: 1, fillOpacity: "1", strokeOpacity: "1" };

/** The elements that show something themselves. */
export const shapeTags = new Set(["path", "circle", "ellipse", "rect", "line", "polyline", "polygon", "text"]);

/** The elements whose content is not shown where it stands. */
export const hiddenTags = new Set(["defs", "symbol", "clippath", "mask", "pattern", "marker", "filter"]);

function shapesIn(parent: XastRoot | XastElement, around: Inherited = initial): ShapePaint[] {
  return elementsIn(parent).flatMap((element) => {
    const { fill, stroke, opacity, "fill-opacity": fillOpacity, "stroke-opacity": strokeOpacity } = element.attributes;
    const own: Inherited = {
      fill: fill ?? around.fill,
      stroke: stroke ?? around.stroke,
      opacity: around.opacity * Number(opacity ?? 1),
      fillOpacity: fillOpacity ?? around.fillOpacity,
      strokeOpacity: strokeOpacity ?? around.strokeOpacity,
    };
    if (hiddenTags.has(element.name.toLowerCase())) return [];
    if (!shapeTags.has(element.name)) return shapesIn(element, own);
    return [
      {
        fill: element.name === "line" ? null : paintOf(own.fill, own.opacity * Number(own.fillOpacity)),
        stroke:
          element.attributes["stroke-width"] === "0"
            ? null
            : paintOf(own.stroke, own.opacity * Number(own.strokeOpacity)),
      },
    ];
  });
}

/** A paint and its opacity as one text; null for what does not show. */
export function paintOf(paint: string, opacity: number): string | null {
  const isClear = /^(none|transparent)$|^rgba\(.*, 0\)$|\/ 0\)$/.test(paint.trim());
  return isClear || !(opacity > 0) ? null : `${paint} ${Math.round(opacity * 100)}`;
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
