import type { CDPSession, Page } from "./token-playwright.ts";

/** Something a user can see and use or be guided by, as the browser itself names it. */
export interface NamedElement {
  readonly role: string;
  readonly name: string;
  /** Of this element alone; it is in the document as the attribute `markAttribute`. */
  readonly mark: string;
  /** Where a link leads; empty for anything else. */
  readonly href: string;
}

/** The attribute that the elements are known by. */
export const markAttribute = "data-bench-mark";

const roles = [
  "link",
  "button",
  "heading",
  "textbox",
  "searchbox",
  "combobox",
  "listbox",
  "checkbox",
  "radio",
  "switch",
  "slider",
  "spinbutton",
  "tab",
  "menuitem",
] as const;

/**
 * Every visible element of a role that matters, by a way that shares nothing with our view: Playwright says which
 * elements there are and which are visible, and Chromium's accessibility tree what they are called. Left out are those
 * without a name and those of one pixel, which are for screen readers alone, unless a label stands for them. Marks the
 * elements in the document.
 */
export async function findNamedElements(page: Page, session: CDPSession): Promise<NamedElement[]> {
  const found = new Map<string, { role: string; href: string }>();
  for (const role of roles) {
    const hrefs = await page
      .getByRole(role)
      .filter({ visible: true })
      .evaluateAll(
        (elements, { markAttribute, role }) =>
          elements.map((element, index) => {
            const { width, height } = element.getBoundingClientRect();
            const hasLabel = element instanceof HTMLInputElement && (element.labels?.length ?? 0) > 0;
            if (width <= 1 && height <= 1 && !hasLabel) return null;
            element.setAttribute(markAttribute, `${role}-${index}`);
            return element instanceof HTMLAnchorElement ? element.href : "";
          }),
        { markAttribute, role },
      );
    for (const [index, href] of hrefs.entries()) if (href !== null) found.set(`${role}-${index}`, { role, href });
  }

  const marks = await marksByNode(session);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const names = new Map<string, string>();
  for (const { backendDOMNodeId, ignored, name } of nodes) {
    const mark = marks.get(backendDOMNodeId ?? -1);
    if (mark !== undefined && !ignored) names.set(mark, String(name?.value ?? "").trim());
  }
  return [...found].flatMap(([mark, { role, href }]) => {
    const name = names.get(mark);
    return name ? [{ role, name, mark, href }] : [];
  });
}

async function marksByNode(session: CDPSession): Promise<Map<number, string>> {
  const { root } = await session.send("DOM.getDocument", { depth: -1, pierce: true });
  const marks = new Map<number, string>();
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const at = node.attributes?.indexOf(markAttribute) ?? -1;
    const mark = at >= 0 ? node.attributes?.[at + 1] : undefined;
    if (mark !== undefined) marks.set(node.backendNodeId, mark);
    waiting.push(...(node.children ?? []), ...(node.shadowRoots ?? []));
  }
  return marks;
}
