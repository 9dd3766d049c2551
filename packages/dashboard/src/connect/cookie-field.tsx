import type { CredentialField } from "@stablehand/sdk";
import { CircleCheck } from "lucide-react";
import { type ClipboardEvent, useEffect, useId, useState } from "react";
import { classNames } from "../parts/class-names.ts";
import { judgeValue, type Shape } from "./credential-shape.ts";

const nothing: Shape = { problem: null, hint: null };

/**
 * A box for one cookie's value.
 *
 * The value is in the box alone, never in the page's state: emptying the form is forgetting it. It is judged at each key.
 */
export function CookieField({
  field,
  cookie,
  onPaste,
}: {
  readonly field: CredentialField;
  readonly cookie: string;
  readonly onPaste: (event: ClipboardEvent<HTMLInputElement>) => void;
}) {
  const id = useId();
  const [shape, setShape] = useState(nothing);
  const [isFilled, setFilled] = useState(false);
  const [input, setInput] = useState<HTMLInputElement | null>(null);
  useEffect(() => {
    if (!input) return;
    const look = () => {
      setShape(judgeValue(field, input.value));
      setFilled(input.value.trim() !== "");
    };
    const { form } = input;
    const onReset = () => setTimeout(look); // the box is emptied after the event
    input.addEventListener("input", look);
    form?.addEventListener("reset", onReset);
    return () => {
      input.removeEventListener("input", look);
      form?.removeEventListener("reset", onReset);
    };
  }, [input, field]);
  const note = shape.problem ?? shape.hint;
  const isGood = isFilled && !note;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium font-mono text-[13px]">
        {cookie}
      </label>
      <div className="relative">
        <input
          ref={setInput}
          id={id}
          name={field}
          type="text"
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          data-1p-ignore
          data-lpignore="true"
          onPaste={onPaste}
          aria-invalid={shape.problem !== null || undefined}
          aria-describedby={`${id}-note`}
          className="masked h-9 w-full rounded-lg border border-line-strong bg-surface pr-9 pl-3 font-mono shadow-xs focus-visible:outline-offset-0 aria-invalid:border-bad"
        />
        {isGood && <CircleCheck aria-hidden className="absolute top-2.5 right-3 size-4 text-good" />}
      </div>
      <p
        id={`${id}-note`}
        aria-live="polite"
        className={classNames("min-h-5 text-[13px]", shape.problem ? "text-bad" : "text-warn")}
      >
        {note}
        {isGood && <span className="sr-only">Looks right</span>}
      </p>
    </div>
  );
}
