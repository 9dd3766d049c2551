import type { Random } from "../../tests/support/random.ts";

// Made-up text. What matters is its shape: word lengths, capitals, names, numbers and punctuation as on real pages.

const nouns = [
  ..."harbour archive lantern valley engine garden letter season market bridge camera kitchen orchard signal workshop".split(
    " ",
  ),
  ..."library river station ledger meadow compass factory village curtain window mountain notebook island theatre".split(
    " ",
  ),
  ..."pattern machine journey picture council measure weather surface ceremony material settlement record gallery".split(
    " ",
  ),
];
const adjectives =
  "quiet narrow early bright reliable northern patient wooden sudden careful distant practical modern shallow heavy useful open simple public gentle".split(
    " ",
  );
const verbs =
  "keeps follows carries describes replaces supports measures collects explains reaches improves repairs divides remembers changes holds protects returns".split(
    " ",
  );
const linkWords = "because although while before after unless whenever since".split(" ");
const firstNames = "Mara Tomas Ilse Jonas Priya Wanjiru Elio Sanne Noor Kofi Agnes Dmitri Lucia Hiro Freya Oskar".split(
  " ",
);
const lastNames =
  "Lindqvist Abara Moreau Castellan Okafor Brandt Varga Silvestre Tanaka Whitlock Demir Aalto Rosso Njoroge".split(" ");

/** Writes sentences, titles and names from one stream of choices. */
export interface Prose {
  noun(): string;
  /** Three to eight words, first one capital, no full stop. */
  title(): string;
  sentence(): string;
  paragraph(sentences: number): string;
  person(): string;
  /** As people call themselves on a site, without the at sign. */
  handle(): string;
  /** A title as it stands in an address. */
  slug(title: string): string;
}

export function prose(random: Random): Prose {
  const one = (words: readonly string[]) => words[random.integer(0, words.length - 1)] ?? "";
  const noun = () => one(nouns);
  const phrase = () => `the ${random.chance(0.6) ? `${one(adjectives)} ` : ""}${noun()}`;
  const clause = () => `${phrase()} ${one(verbs)} ${phrase()}${random.chance(0.3) ? ` near ${phrase()}` : ""}`;

  function sentence(): string {
    const joined = random.chance(0.5) ? `${clause()}, ${one(linkWords)} ${clause()}` : clause();
    const end = random.chance(0.15) ? ` (about ${random.integer(3, 980)} in ${random.integer(1890, 2024)})` : "";
    return `${capital(joined)}${end}.`;
  }

  return {
    noun,
    title: () =>
      capital(
        random.chance(0.5)
          ? `${one(adjectives)} ${noun()} ${one(verbs)} ${one(adjectives)} ${noun()}`
          : `${noun()} and ${noun()}: how ${phrase()} ${one(verbs)} ${phrase()}`,
      ),
    sentence,
    paragraph: (sentences) => Array.from({ length: sentences }, sentence).join(" "),
    person: () => `${one(firstNames)} ${one(lastNames)}`,
    handle: () => `${one(adjectives)}_${noun()}${random.integer(1, 99)}`,
    slug: (title) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "-")
        .replaceAll(/^-|-$/g, ""),
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
