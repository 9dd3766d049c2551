import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Actions } from "./dialog.tsx";

/** A secret that is shown this once, to be copied. */
export function ShownOnce({
  text,
  what,
  onDone,
}: {
  readonly text: string;
  readonly what: string;
  readonly onDone: () => void;
}) {
  return (
    <>
      <div className="flex items-center gap-2">
        <code className="min-w-0 flex-1 select-all rounded-lg border bg-sunken px-3 py-2.5 font-mono text-xs leading-5 [overflow-wrap:anywhere]">
          {text}
        </code>
        <CopyButton text={text} what={what} full />
      </div>
      <Actions>
        <Button variant="primary" onClick={onDone}>
          I have it
        </Button>
      </Actions>
    </>
  );
}
