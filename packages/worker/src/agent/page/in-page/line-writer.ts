/** Collects text into lines, as a reader would break them. */
export interface LineWriter {
  readonly lines: string[];
  /** How much was written so far. */
  characters(): number;
  /** Grows with every visible character. */
  position(): number;
  /** Page text; runs of white space are one blank. */
  text(text: string): void;
  space(): void;
  /** Writes the mark of an element's ref; what it gives takes the mark back, as long as nothing followed. */
  ref(index: number): () => void;
  endsWithRef(): boolean;
  breakLine(): void;
  /** Breaks the line also where blocks share one; a ref stays with the text it is for. */
  endLine(): void;
  /** The same, and nothing that follows shares a line with what came before. */
  beginPart(): void;
  /** The mark of a frame's document, on a line of its own. */
  frame(index: number): void;
  /** The end of a table's cell. */
  cell(): void;
  beginHeading(level: number): void;
  endHeading(): void;
  /** Until `endOneLine`, blocks are parted by a blank only. */
  beginOneLine(): void;
  endOneLine(): void;
  beginPreformatted(): void;
  endPreformatted(): void;
  /** Ends the last line. */
  finish(): void;
}

/**
 * Makes a writer.
 *
 * Runs inside the page, so it is sent as text: nothing outside the function can be used.
 */
export function createLineWriter(): LineWriter {
  const lineMax = 600; // longer ones are cut between words, so that a diff or a page's end falls somewhere sensible
  const shortMax = 34; // single links no longer than this share a line
  const sharedMax = 200;
  const onlyOneRef = /^\uE001\d+\uE002 (?!select |(?:[\w-]+ )?field )[^\uE001]*$/; // a field's change is a line of its own
  const onlyRefs = /^(?:\uE001\d+\uE002 )+$/;

  const lines: string[] = [];
  let line = "";
  let characters = 0;
  let visible = 0;
  let oneLine = 0;
  let preformatted = 0;
  let shares = false; // the last line consists of short single links
  let repeated = 0;

  /** Page text that looks like a ref, or a line, of ours becomes something else. */
  function add(raw: string): void {
    const text = raw.replace(/^! /, "!");
    const safe = text.replace(/(\uE002 )?\[(\d+)\]/g, (_, ref, digits) => (ref ? ref + digits : `(${digits})`));
    characters += safe.length;
    const last = lines.at(-1) ?? "";
    const isShort = safe.length <= shortMax && onlyOneRef.test(safe);
    if (isShort && shares && last.length + safe.length < sharedMax) {
      lines[lines.length - 1] = `${last} ${safe}`;
      return;
    }
    shares = isShort;
    if (!isRepeated(safe, last)) lines.push(safe);
  }

  /** The same text without a ref, again and again, is counted instead. */
  function isRepeated(text: string, last: string): boolean {
    const counted = repeated > 1 ? last.slice(0, last.lastIndexOf(" (×")) : last;
    if (text !== counted || text.includes("\uE001")) {
      repeated = 1;
      return false;
    }
    repeated += 1;
    lines[lines.length - 1] = `${text} (×${repeated})`;
    return true;
  }

  function flush(): void {
    let rest = line.trim();
    line = "";
    while (rest.length > lineMax) {
      let blank = rest.lastIndexOf(" ", lineMax);
      if (rest[blank - 1] === "\uE002") blank = rest.lastIndexOf(" ", blank - 1); // a ref stays with its text
      const end = blank > lineMax / 2 ? blank : lineMax;
      add(rest.slice(0, end).trimEnd());
      rest = rest.slice(end).trimStart();
    }
    if (rest) add(rest);
  }

  const endsWithRef = (): boolean => line.endsWith("\uE002 ");

  function space(): void {
    if (line && !line.endsWith(" ")) line += " ";
  }

  function breakLine(): void {
    if (endsWithRef()) return;
    if (oneLine > 0) space();
    else flush();
  }

  function beginPart(): void {
    flush();
    shares = false;
    repeated = 0;
  }

  function write(raw: string): void {
    const text = raw.replace(/\p{Cf}+/gu, "").replace(/[\p{Cc}\p{Co}\s]+/gu, " ");
    if (text === " " || text === "") {
      if (text) space();
      return;
    }
    line += text.startsWith(" ") && (line === "" || line.endsWith(" ")) ? text.slice(1) : text;
    visible += text.length;
  }

  return {
    lines,
    characters: () => characters + line.length,
    position: () => visible,
    text(raw) {
      if (preformatted === 0 || !raw.includes("\n")) return write(raw);
      raw.split("\n").forEach((part, index) => {
        if (index > 0) breakLine();
        write(part);
      });
    },
    space,
    ref(index) {
      space();
      const before = line;
      line += `\uE001${index}\uE002 `;
      const after = line;
      return () => {
        if (line === after) line = before;
      };
    },
    endsWithRef,
    breakLine,
    endLine() {
      if (!endsWithRef()) flush();
    },
    beginPart,
    frame(index) {
      beginPart();
      lines.push(`\uE003${index}`);
    },
    cell() {
      line = `${line.trimEnd()} | `;
    },
    beginHeading(level) {
      if (!onlyRefs.test(line)) flush();
      line = `${"#".repeat(level)} ${line}`;
    },
    endHeading() {
      if (/^#+ $/.test(line)) line = "";
      else if (!endsWithRef()) flush();
    },
    beginOneLine() {
      oneLine += 1;
    },
    endOneLine() {
      oneLine -= 1;
    },
    beginPreformatted() {
      preformatted += 1;
    },
    endPreformatted() {
      preformatted -= 1;
    },
    finish: flush,
  };
}
