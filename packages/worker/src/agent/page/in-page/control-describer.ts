import type { ElementReader } from "./element-reader.ts";

/** Says what can be acted on, and how it stands. */
export interface ControlDescriber {
  /** A button, field, box, list or the like in words, without its ref; null when the element is none. */
  describe(element: Element, tagName: string, role: string | null): string | null;
  /** The same of a box or file field that only its label shows; empty for anything else. */
  describeHidden(control: Element): string;
  /** A field or select, whose value a user changes. */
  hasValue(element: Element): boolean;
  /** ` (checked, disabled)`, or empty. */
  states(element: Element): string;
  /** True when it lies somewhere and has a size, even if it is transparent. */
  isReachable(element: Element): boolean;
  /** Made clickable by the page's author, without being a link or a control; `pointer`: the cursor says so. */
  isClickable(element: Element, tagName: string, pointer: boolean): boolean;
  /** A control by its role that holds further controls: a card, or a branch of a tree. */
  holdsOthers(element: Element, tagName: string, role: string | null): boolean;
  /** 1 to 6; 0 when it is no heading. */
  headingLevel(element: Element, tagName: string, role: string | null): number;
  /** Leads to another document; "#" and "javascript:" do anything. */
  isAddress(href: string): boolean;
  /** Whether a link beside this one leads to the same place and has a text. */
  hasNamedTwin(link: Element, href: string): boolean;
  /** The telling part of an address, for a link without any text. */
  nameOfAddress(href: string): string;
}

/**
 * Makes the describer.
 *
 * Runs inside the page, so it is sent as text: nothing outside the function can be used.
 */
export function createControlDescriber(reader: ElementReader): ControlDescriber {
  const { attribute, clean, name, content, isSecret } = reader;
  const valueMax = 200;
  const optionsShown = 12;
  const widgetRoles = new Set(
    "button tab menuitem menuitemcheckbox menuitemradio option treeitem slider spinbutton checkbox radio switch".split(
      " ",
    ),
  );
  const fieldRoles = new Set(["textbox", "searchbox", "combobox"]);

  const others = ["a[href],button,input,select,textarea", ...[...widgetRoles].map((role) => `[role=${role}]`)].join(
    ",",
  );

  const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text);
  const words = (...parts: string[]): string => parts.filter(Boolean).join(" ");

  function describe(element: Element, tagName: string, role: string | null): string | null {
    if (element instanceof HTMLInputElement) return describeInput(element, role);
    if (element instanceof HTMLSelectElement) return describeSelect(element);
    if (element instanceof HTMLTextAreaElement) return describeField("field", element, element.value);
    // biome-ignore lint/performance/useDomNodeTextContent: as the user sees it, with its line breaks
    if (element instanceof HTMLElement && isEditor(element)) return describeField("field", element, element.innerText);
    if (role && fieldRoles.has(role)) return describeField("field", element, content(element));
    if (role && widgetRoles.has(role)) return words(role, name(element), rangeOf(element)) + states(element);
    return tagName === "button" || tagName === "summary" ? words("button", name(element)) + states(element) : null;
  }

  function describeInput(input: HTMLInputElement, role: string | null): string | null {
    switch (input.type) {
      case "hidden":
        return null;
      case "button":
      case "submit":
      case "reset":
      case "image":
        return words("button", name(input)) + states(input);
      case "checkbox":
      case "radio":
        return words(role === "switch" ? role : input.type, name(input)) + states(input);
      case "file":
        return words("file field", name(input)) + states(input);
      case "text":
      case "search":
      case "email":
      case "tel":
      case "url":
      case "password":
        return describeField(input.type === "password" ? "password field" : "field", input, input.value);
      default:
        return describeField(`${input.type} field`, input, input.value);
    }
  }

  function describeField(kind: string, field: Element, value: string): string {
    const label = name(field);
    const hint = clean(attribute(field, "placeholder"));
    const secret = field instanceof HTMLInputElement && isSecret(field);
    const shown = secret ? value && "(filled)" : value && `"${cut(clean(value).replaceAll('"', "'"), valueMax)}"`;
    const rest = shown || (hint && hint !== label ? `(${cut(hint, 60)})` : "");
    return `${words(kind, label)}${rest && `: ${rest}`}${states(field)}`;
  }

  function describeSelect(select: HTMLSelectElement): string {
    const options = [...select.options].filter((option) => !option.hidden);
    const chosen = [...select.selectedOptions].map((option) => `"${clean(option.label)}"`).slice(0, 5);
    const others = options
      .filter((option) => !option.selected && !option.disabled)
      .map((option) => clean(option.label));
    const listed = others.slice(0, optionsShown).map((label) => cut(label, 60));
    const more = others.length > listed.length ? `, +${others.length - listed.length}` : "";
    return `${words("select", name(select))}: ${chosen.join(", ")}${listed.length ? ` or ${listed.join(", ")}${more}` : ""}${states(select)}`;
  }

  function describeHidden(control: Element): string {
    if (!(control instanceof HTMLInputElement) || !/^(checkbox|radio|file)$/.test(control.type)) return "";
    return describeInput(control, attribute(control, "role")) ?? "";
  }

  function rangeOf(element: Element): string {
    return clean(attribute(element, "aria-valuetext") ?? attribute(element, "aria-valuenow"));
  }

  function states(element: Element): string {
    const found: string[] = [];
    const says = (attributeName: string, word: string, value = "true") => {
      if (attribute(element, attributeName) === value) found.push(word);
    };
    if (element instanceof HTMLInputElement) {
      if (element.indeterminate) found.push("mixed");
      else if (element.checked) found.push("checked");
    }
    says("aria-checked", "checked");
    says("aria-checked", "mixed", "mixed");
    says("aria-pressed", "pressed");
    says("aria-selected", "selected");
    says("aria-expanded", "open");
    says("aria-expanded", "closed", "false");
    if (element.parentElement instanceof HTMLDetailsElement) found.push(element.parentElement.open ? "open" : "closed");
    says("aria-invalid", "invalid");
    says("aria-required", "required");
    const current = attribute(element, "aria-current");
    if (current && current !== "false") found.push("current");
    if ("required" in element && element.required === true) found.push("required");
    if ("readOnly" in element && element.readOnly === true) found.push("read-only");
    if (element.matches(":disabled") || attribute(element, "aria-disabled") === "true") found.push("disabled");
    return found.length > 0 ? ` (${[...new Set(found)].join(", ")})` : "";
  }

  function hasValue(element: Element): boolean {
    if (element instanceof HTMLInputElement) return !/^(button|submit|reset|image|checkbox|radio)$/.test(element.type);
    return /^(select|textarea)$/.test(reader.tag(element)) || (element instanceof HTMLElement && isEditor(element));
  }

  function isEditor(element: HTMLElement): boolean {
    return element.isContentEditable && element.parentElement?.isContentEditable !== true && element.tagName !== "BODY";
  }

  function isReachable(element: Element): boolean {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    const { width, height, right, bottom } = element.getBoundingClientRect();
    return width >= 4 && height >= 4 && right + scrollX > 0 && bottom + scrollY > 0;
  }

  function holdsOthers(element: Element, tagName: string, role: string | null): boolean {
    return (
      (tagName === "summary" || (role !== null && widgetRoles.has(role))) && element.querySelector(others) !== null
    );
  }

  function isClickable(element: Element, tagName: string, pointer: boolean): boolean {
    if (tagName === "body" || tagName === "html" || tagName === "label") return false;
    if (pointer || attribute(element, "onclick") !== null) return true;
    const tabIndex = attribute(element, "tabindex");
    return tabIndex !== null && Number(tabIndex) >= 0 && attribute(element, "role") === null && isSmall(element);
  }

  /** Scrollable regions take the focus too, but there is nothing to click. */
  function isSmall(element: Element): boolean {
    return element.getBoundingClientRect().height < innerHeight / 2;
  }

  function headingLevel(element: Element, tagName: string, role: string | null): number {
    if (/^h[1-6]$/.test(tagName)) return role === null || role === "heading" ? Number(tagName[1]) : 0;
    return role === "heading" ? Math.min(Math.max(Number(attribute(element, "aria-level")) || 2, 1), 6) : 0;
  }

  function isAddress(href: string): boolean {
    return href !== "" && !/^\s*(#|javascript:)/i.test(href);
  }

  function hasNamedTwin(link: Element, href: string): boolean {
    const place = link.parentElement?.parentElement ?? link.parentElement;
    const twins = place?.querySelectorAll(`a[href="${CSS.escape(href)}"]`) ?? [];
    return [...twins].some((twin) => twin !== link && clean(twin.textContent) !== "");
  }

  function nameOfAddress(href: string): string {
    const [path = ""] = href.split(/[?#]/);
    return cut(clean(path.split("/").filter(Boolean).at(-1) || href), 60);
  }

  return {
    describe,
    describeHidden,
    hasValue,
    states,
    isReachable,
    isClickable,
    holdsOthers,
    isAddress,
    headingLevel,
    hasNamedTwin,
    nameOfAddress,
  };
}
