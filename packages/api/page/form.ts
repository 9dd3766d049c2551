import { credentialCookies, credentialValueMax } from "../../sdk/src/contract/tables.ts";
import { type CredentialField, readCredentialValues } from "../../sdk/src/credential-values.ts";
import { guideTo, type PlatformGuide } from "./platform-guide.ts";

/** The form of a ticket's page. */
export interface TicketForm {
  readonly element: HTMLFormElement;
  /** What was pasted; null when something is wrong, which is then said beside its field and has the focus. */
  read(): [CredentialField, string][] | null;
  /** Empties every field. */
  clear(): void;
  setBusy(isBusy: boolean): void;
}

/** Makes an element with text, which is never read as markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

interface FieldInput {
  readonly field: CredentialField;
  readonly input: HTMLInputElement;
  /** Says what is wrong, or with null that nothing is. */
  tell(problem: string | null): void;
}

function inputFor(field: CredentialField): FieldInput & { readonly element: HTMLElement } {
  const problem = make("p", { id: `${field}-problem`, className: "problem" });
  // A text field and no password field: browsers offer to save passwords. Its style hides what is in it.
  const input = make("input", {
    id: field,
    type: "text",
    autocomplete: "off",
    spellcheck: false,
    autocapitalize: "off",
    className: "secret",
    maxLength: credentialValueMax + 1_000, // what is too long is told, not cut
  });
  input.setAttribute("aria-describedby", problem.id);
  const label = make("label", { htmlFor: field }, make("code", {}, credentialCookies[field]));
  const tell = (text: string | null) => {
    problem.textContent = text ?? "";
    if (text === null) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  };
  input.addEventListener("input", () => tell(problemOf(field, input.value)));
  return { field, input, tell, element: make("div", { className: "field" }, label, input, problem) };
}

/** What is wrong with a value that is not empty, by the cookie's name; null when it could be one. */
function problemOf(field: CredentialField, value: string): string | null {
  if (value.trim() === "") return null;
  try {
    readCredentialValues({ [field]: value });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(field, credentialCookies[field]) : "This cannot be a cookie.";
  }
}

function steps({ site, name }: PlatformGuide): HTMLElement {
  return make(
    "details",
    {},
    make("summary", {}, `Where do I find these for ${name}?`),
    make(
      "ol",
      {},
      make("li", {}, "On a computer, open ", make("code", {}, site), " in another tab and sign in."),
      make("li", {}, "Press F12, or ⌥⌘I on a Mac, and choose Application (in Firefox and Safari: Storage)."),
      make("li", {}, "Open Cookies, choose ", make("code", {}, site), ", and find the rows that are named below."),
      make("li", {}, "Double-click a row's value, copy it, and paste it here."),
    ),
  );
}

/** Makes the form for these platforms. Each may be left empty as a whole, but not all of them. */
export function createTicketForm(platforms: readonly string[]): TicketForm {
  const groups = platforms.map((platform) => {
    const guide = guideTo(platform);
    return { guide, inputs: guide.fields.map(inputFor) };
  });
  const inputs = groups.flatMap((group) => group.inputs);
  const button = make("button", { type: "submit" }, "Connect");
  const element = make(
    "form",
    { noValidate: true, autocomplete: "off" },
    ...groups.map((group) =>
      make(
        "fieldset",
        {},
        make("legend", {}, group.guide.name),
        steps(group.guide),
        ...group.inputs.map((one) => one.element),
      ),
    ),
    button,
  );

  function findProblem(): FieldInput | undefined {
    for (const { inputs: ofGroup } of groups) {
      const isEmpty = ofGroup.every(({ input }) => input.value.trim() === "");
      for (const { field, input, tell } of ofGroup)
        tell(!isEmpty && input.value.trim() === "" ? "This one is missing." : problemOf(field, input.value));
    }
    const [first] = inputs;
    if (inputs.every(({ input }) => input.value.trim() === "")) first?.tell("Nothing is pasted yet.");
    return inputs.find(({ input }) => input.hasAttribute("aria-invalid"));
  }

  return {
    element,
    read() {
      const wrong = findProblem();
      wrong?.input.focus();
      if (wrong) return null;
      const given = inputs.filter(({ input }) => input.value.trim() !== "");
      return readCredentialValues(Object.fromEntries(given.map(({ field, input }) => [field, input.value])));
    },
    clear() {
      for (const { input } of inputs) input.value = "";
    },
    setBusy(isBusy) {
      button.disabled = isBusy;
      element.setAttribute("aria-busy", String(isBusy));
    },
  };
}
