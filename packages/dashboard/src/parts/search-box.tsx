import { Search } from "lucide-react";
import { useEffect, useState } from "react";

const pauseMs = 250;

/** A box whose text is searched for when the typing pauses. */
export function SearchBox({
  label,
  placeholder,
  value,
  onSearch,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  const [before, setBefore] = useState(value);
  const [sent, setSent] = useState(value);
  if (before !== value) {
    setBefore(value);
    // It changed from elsewhere, such as by the back button, and not by what was typed here.
    if (value !== sent) setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => {
      setSent(text);
      onSearch(text);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);
  return (
    <div className="relative min-w-0 flex-1 basis-60">
      <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-soft" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoComplete="off"
        spellCheck={false}
        className="h-9 w-full rounded-lg border border-line-strong bg-surface pr-3 pl-9 shadow-xs placeholder:text-soft focus-visible:outline-offset-0"
      />
    </div>
  );
}
