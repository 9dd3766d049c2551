import type { ImageTruth } from "../../tests/support/design-truth/design-truth.ts";

/** What a page shows, as a script in it reads: element by element, by `getComputedStyle`. */
export interface PageLook {
  readonly spacing: readonly number[];
  readonly radii: readonly number[];
  readonly shadows: readonly string[];
  readonly gradients: readonly string[];
  readonly motionMs: readonly number[];
  readonly images: readonly ImageTruth[];
  readonly texts: readonly ShownText[];
  /** Computed colours that let something through, opacities, and the colours under pictures, of what is seen. */
  readonly clearColors: readonly string[];
  readonly opacities: readonly number[];
  readonly coveredColors: readonly string[];
  /** The families of the page's own faces that were loaded, since text asked for them. */
  readonly loadedFaces: readonly string[];
}

/** Text of one look, and the family that it is in. */
export interface ShownText {
  readonly stack: string;
  readonly weight: number;
  readonly headingLetters: number;
  readonly runningLetters: number;
  /** Of code and symbols. */
  readonly otherLetters: number;
  /** The page's own family of the list that was loaded, or else the installed one whose letters are as wide; or none. */
  readonly families: readonly string[];
  /** Those beyond ASCII, which may be in another. */
  readonly rareLetters: string;
}

/** Runs in the page, so nothing outside of it can be used. */
export async function lookAtPage(installed: readonly string[]): Promise<PageLook> {
  const spacing = new Set<number>();
  const radii = new Set<number>();
  const shadows = new Set<string>();
  const gradients = new Set<string>();
  const motionMs = new Set<number>();
  const round = (value: number) => Math.round(value * 1_000) / 1_000;
  const clearColors = new Set<string>();
  const opacities = new Set<number>();
  const coveredColors = new Set<string>();
  const hundredth = (value: number) => Math.round(value * 100) / 100;
  const looks = new Map<
    string,
    { stack: string; weight: number; heading: number; running: number; other: number; letters: Set<string> }
  >();
  const images: ImageTruth[] = [];
  const known = new Set<string>();
  const sizes: Promise<void>[] = [];
  const addImage = (key: string, image: ImageTruth) => {
    if (known.has(key)) return;
    known.add(key);
    images.push(image);
  };
  const measured = (src: string, type: "background" | "poster") => {
    if (known.has(src)) return;
    known.add(src);
    const image = new Image();
    image.src = src;
    sizes.push(
      image.decode().then(
        () => {
          if (image.naturalWidth > 1)
            images.push({ src, type, width: image.naturalWidth, height: image.naturalHeight });
        },
        () => void images.push({ src, type, width: 0, height: 0 }),
      ),
    );
  };
  const hasBox = (element: Element) => element.getClientRects().length > 0;
  const isSeen = (element: Element) => {
    const { width, height, right, bottom } = element.getBoundingClientRect();
    const isLarge = width > 1 && height > 1 && right + scrollX > 0 && bottom + scrollY > 0;
    return isLarge && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const readStyle = (element: Element, pseudo: string | null) => {
    const style = getComputedStyle(element, pseudo);
    if (pseudo && (style.content === "none" || style.content === "normal" || style.display === "none")) return;
    const typed = pseudo ? null : element.computedStyleMap();
    const sides = ["top", "right", "bottom", "left"];
    const names = [...(pseudo ? [] : sides.map((side) => `margin-${side}`)), ...sides.map((side) => `padding-${side}`)];
    if (/flex|grid/.test(style.display)) names.push("row-gap", "column-gap");
    for (const name of names) {
      const value = typed?.get(name);
      const isLength = typed
        ? value instanceof CSSUnitValue && value.unit === "px"
        : /px$/.test(style.getPropertyValue(name));
      const pixels = round(Number.parseFloat(style.getPropertyValue(name)));
      if (isLength && pixels > 0) spacing.add(pixels);
    }
    for (const corner of ["top-left", "top-right", "bottom-left", "bottom-right"])
      for (const part of style.getPropertyValue(`border-${corner}-radius`).split(" "))
        if (part.endsWith("px") && Number.parseFloat(part) > 0) radii.add(round(Number.parseFloat(part)));
    const isClear = /^rgba\(.*, 0?\.\d+\)$|\/ 0?\.\d+\)$/;
    for (const name of ["color", "background-color", "fill", "stroke", ...sides.map((side) => `border-${side}-color`)])
      if (isClear.test(style.getPropertyValue(name))) clearColors.add(style.getPropertyValue(name));
    for (const name of ["opacity", "fill-opacity", "stroke-opacity"])
      if (Number(style.getPropertyValue(name)) < 1) opacities.add(Number(style.getPropertyValue(name)));
    if (style.backgroundImage.includes("url(")) coveredColors.add(style.backgroundColor);
    if (style.boxShadow !== "none") shadows.add(style.boxShadow);
    for (const name of ["background-image", "mask-image", "border-image-source", "list-style-image"]) {
      const value = style.getPropertyValue(name);
      for (const part of value.split(/,\s*(?=(?:repeating-)?(?:linear|radial|conic)-gradient|url\()/)) {
        if (/gradient\(/.test(part)) gradients.add(part);
        const [, url] = /^url\("([^#].*)"\)$/.exec(part) ?? [];
        if (url && !pseudo && element.getBoundingClientRect().width * element.getBoundingClientRect().height > 0)
          measured(url, "background");
        else if (url && pseudo) measured(url, "background");
      }
    }
    const lists = [
      style.transitionProperty === "none" ? "" : style.transitionDuration,
      style.animationName === "none" ? "" : style.animationDuration,
    ];
    for (const part of lists.join(",").split(","))
      if (Number.parseFloat(part) > 0) motionMs.add(round(Number.parseFloat(part) * (/ms$/.test(part) ? 1 : 1_000)));
  };
  const addText = (element: Element, style: CSSStyleDeclaration, text: string) => {
    const letters = text.replace(/\s+/g, "");
    if (letters === "") return;
    const isOther = /^[\p{Co}\s]+$/u.test(text) || element.closest("code,pre,kbd,samp,tt");
    const isHeading = element.closest("h1,h2,h3,h4,h5,h6,[role=heading]");
    const kind = isOther ? "other" : isHeading ? "heading" : "running";
    const key = `${style.fontFamily}|${style.fontWeight}|${kind}`;
    const look = looks.get(key) ?? {
      stack: style.fontFamily,
      weight: Number(style.fontWeight),
      heading: 0,
      running: 0,
      other: 0,
      letters: new Set<string>(),
    };
    looks.set(key, look);
    look[kind] += letters.length;
    for (const letter of letters) look.letters.add(letter);
  };

  for (const element of document.querySelectorAll("*")) {
    const isDrawing = element instanceof SVGElement;
    if (element instanceof HTMLImageElement) {
      const src = element.currentSrc || element.src;
      if (src && !(element.naturalWidth === 1 && element.naturalHeight === 1))
        addImage(src, { src, type: "img", width: element.naturalWidth, height: element.naturalHeight });
    }
    if (element instanceof HTMLVideoElement && element.poster) measured(element.poster, "poster");
    if (element instanceof SVGSVGElement && !(element.parentNode instanceof SVGElement) && isSeen(element)) {
      const own = [element.getAttribute("width"), element.getAttribute("height")];
      const isSized = own.every((size) => size && /^\s*\d+(\.\d+)?(px)?\s*$/.test(size));
      const { width, height } = element.viewBox.baseVal ?? { width: 0, height: 0 };
      const box = element.getBoundingClientRect();
      const size = isSized
        ? own.map((one) => Number.parseFloat(one ?? ""))
        : width > 0
          ? [width, height]
          : [box.width, box.height];
      addImage(element.innerHTML.replace(/\s+/g, " ").trim(), {
        src: null,
        type: "svg",
        width: hundredth(size[0] ?? 0),
        height: hundredth(size[1] ?? 0),
      });
    }
    if (!hasBox(element)) continue;
    for (const pseudo of isDrawing ? [null] : [null, "::before", "::after"]) readStyle(element, pseudo);
    if (!isSeen(element)) continue;
    const style = getComputedStyle(element);
    for (const node of element.childNodes)
      if (node instanceof Text && !/^(script|style|noscript|textarea|option)$/.test(element.localName)) {
        const range = document.createRange();
        range.selectNodeContents(node);
        if (range.getClientRects().length > 0) addText(element, style, node.data);
      }
    const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
    if (isField && !/^(checkbox|radio|hidden|range|color|file)$/.test(element.type)) {
      addText(element, style, element.value);
      if (element.value === "") addText(element, getComputedStyle(element, "::placeholder"), element.placeholder);
    }
    if (element instanceof HTMLSelectElement) addText(element, style, element.selectedOptions[0]?.label ?? "");
    for (const pseudo of isDrawing ? [] : ["::before", "::after"]) {
      const made = getComputedStyle(element, pseudo);
      const [, content] = /^"(.*)"$/s.exec(made.content) ?? [];
      if (content && made.display !== "none") addText(element, made, content.replaceAll('\\"', '"'));
    }
  }
  await Promise.all(sizes);

  const canvas = document.createElement("canvas").getContext("2d");
  const widthOf = (families: string, weight: number, text: string) => {
    if (!canvas) return -1;
    canvas.font = `${weight} 200px ${families}`;
    return canvas.measureText(text.repeat(8)).width;
  };
  const loadedFaces = [...document.fonts]
    .filter(({ status }) => status === "loaded")
    .map(({ family }) => family.replaceAll('"', ""));
  const texts = [...looks.values()].map(({ stack, weight, heading, running, other, letters }) => {
    const names = (stack.match(/"[^"]*"|[^,]+/g) ?? []).map((name) => name.trim().replaceAll('"', ""));
    const custom = names.find((name) => loadedFaces.includes(name));
    const found = new Set<string>();
    if (custom) found.add(custom);
    else {
      const sample = [...letters].filter((letter) => /[\x21-\x7e]/.test(letter)).join("");
      const main = installed.find(
        (family) => sample && widthOf(stack, weight, sample) === widthOf(`"${family}"`, weight, sample),
      );
      if (main) found.add(main);
    }
    return {
      stack,
      weight,
      headingLetters: heading,
      runningLetters: running,
      otherLetters: other,
      families: [...found],
      rareLetters: [...letters].filter((letter) => !/[\x21-\x7e]/.test(letter)).join(""),
    };
  });
  return {
    spacing: [...spacing],
    radii: [...radii],
    shadows: [...shadows],
    gradients: [...gradients],
    motionMs: [...motionMs],
    images,
    clearColors: [...clearColors],
    opacities: [...opacities],
    coveredColors: [...coveredColors],
    texts,
    loadedFaces,
  };
}
