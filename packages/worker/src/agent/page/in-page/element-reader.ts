/** What the walker asks of single elements. */
export interface ElementReader {
  /** An attribute, also of a form whose fields are named like DOM members. */
  attribute(element: Element, name: string): string | null;
  /** Lower case; of HTML, SVG and anything else. */
  tag(element: Element): string;
  /** On one line, without control and invisible characters. */
  clean(text: string | null | undefined): string;
  /** The accessible name, by the part of accname 1.2 that pages use; empty when there is none. */
  name(element: Element): string;
  /** The text that a user would hear for it: its content with images' alternatives, without what is hidden. */
  content(element: Element): string;
  /** True when its value must not be shown: a password now, before, or by its autocomplete. */
  isSecret(input: HTMLInputElement): boolean;
}

/**
 * Makes the reader.
 *
 * Runs inside the page, so it is sent as text: nothing outside the function can be used.
 * A form answers `form.tagName` with its field of that name, in isolated worlds too: hence the prototypes' own getters.
 */
export function createElementReader(): ElementReader {
  const contentMax = 1_000;
  const getAttribute = Element.prototype.getAttribute;
  const localName = Object.getOwnPropertyDescriptor(Element.prototype, "localName")?.get;
  const childNodes = Object.getOwnPropertyDescriptor(Node.prototype, "childNodes")?.get;
  const secrets = new WeakSet<Element>();

  const attribute = (element: Element, name: string): string | null => getAttribute.call(element, name);
  const tag = (element: Element): string => localName?.call(element) ?? "";

  function clean(text: string | null | undefined): string {
    return (text ?? "")
      .replace(/\p{Cf}+/gu, "")
      .replace(/[\p{Cc}\p{Co}\s]+/gu, " ")
      .trim();
  }

  function isSecret(input: HTMLInputElement): boolean {
    if (
      input.type === "password" ||
      /password|one-time-code|cc-(number|csc)/.test(attribute(input, "autocomplete") ?? "")
    )
      secrets.add(input);
    return secrets.has(input);
  }

  function name(element: Element): string {
    return (
      labelledBy(element) ||
      clean(attribute(element, "aria-label")) ||
      nativeName(element) ||
      (isField(element) ? "" : content(element)) ||
      clean(attribute(element, "title")) ||
      clean(attribute(element, "placeholder")) ||
      clean(attribute(element, "aria-placeholder"))
    );
  }

  function isField(element: Element): boolean {
    return (
      /^(input|select|textarea|table|fieldset|dialog|iframe|video|audio)$/.test(tag(element)) ||
      /^(textbox|searchbox|combobox|listbox|slider|spinbutton|dialog|alertdialog|grid|table|tree)$/.test(
        attribute(element, "role") ?? "",
      ) ||
      (element instanceof HTMLElement && element.isContentEditable)
    );
  }

  function labelledBy(element: Element): string {
    const ids = attribute(element, "aria-labelledby")?.split(/\s+/) ?? [];
    const root = element.getRootNode();
    if (!(root instanceof Document || root instanceof ShadowRoot)) return "";
    return clean(
      ids
        .slice(0, 8)
        .map((id) => root.getElementById(id))
        .map((label) => (label ? clean(attribute(label, "aria-label")) || content(label) : ""))
        .join(" "),
    );
  }

  function nativeName(element: Element): string {
    if (element instanceof HTMLInputElement) {
      if (element.type === "image") return clean(element.alt) || "submit";
      if (/^(button|submit|reset)$/.test(element.type)) return clean(element.value) || element.type;
    }
    if (element instanceof HTMLImageElement || element instanceof HTMLAreaElement) return clean(element.alt);
    if ("labels" in element && element.labels instanceof NodeList) {
      const labels = [...element.labels].filter((label) => label instanceof Element);
      return clean(labels.map(content).join(" "));
    }
    const part = { fieldset: "legend", table: "caption", svg: "title" }[tag(element)];
    const named = part && [...element.children].find((child) => tag(child) === part);
    return named ? clean(named.textContent) : "";
  }

  function content(element: Element): string {
    const pieces: string[] = [];
    let left = contentMax;
    const visit = (node: Node, depth: number): void => {
      if (left <= 0 || depth > 50) return;
      if (node instanceof Text) {
        const text = node.data.slice(0, left);
        left -= text.length;
        pieces.push(text);
      } else if (node instanceof Element && isHeard(node)) {
        const label = node === element ? "" : clean(attribute(node, "aria-label")) || clean(imageName(node));
        if (label) pieces.push(` ${label.slice(0, left)} `);
        else for (const child of childNodes?.call(node) ?? []) visit(child, depth + 1);
        left -= label.length;
        if (/^(div|p|li|br|td|h\d)$/.test(tag(node))) pieces.push(" ");
      }
    };
    visit(element, 0);
    if (element.shadowRoot) for (const child of element.shadowRoot.childNodes) visit(child, 1);
    return clean(pieces.join(""));
  }

  function imageName(element: Element): string {
    if (element instanceof HTMLImageElement) return element.alt;
    return element instanceof SVGElement ? nativeName(element) : "";
  }

  /** Not so fine as the walker: what is visible only to screen readers names a control too. */
  function isHeard(element: Element): boolean {
    if (/^(script|style|noscript|template|select|textarea|input)$/.test(tag(element))) return false;
    return attribute(element, "aria-hidden") !== "true" && !(element instanceof HTMLElement && element.hidden);
  }

  return { attribute, tag, clean, name, content, isSecret };
}
