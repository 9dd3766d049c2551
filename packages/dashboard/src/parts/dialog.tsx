import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { TextField } from "./field.tsx";
import { Refused } from "./states.tsx";

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly wide?: boolean;
  /** True when it must not go away by a click beside it: it asks something that counts, or shows something once. */
  readonly insistent?: boolean;
  readonly children: ReactNode;
}

/** A dialog over the page: holds the focus, closes with Escape, gives the focus back. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  wide = false,
  insistent = false,
  children,
}: DialogProps) {
  // What had the focus when it opened gets it back: by then a field of the dialog may have taken it.
  const [opener, setOpener] = useState<Element | null>(null);
  const [wasOpen, setWasOpen] = useState(false);
  if (open !== wasOpen) {
    setWasOpen(open);
    if (open) setOpener(document.activeElement);
  }
  const giveFocusBack = (event: Event) => {
    event.preventDefault();
    if (opener instanceof HTMLElement) opener.focus();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-[oklch(0.15_0.01_70/0.5)]" />
        <Radix.Content
          onCloseAutoFocus={giveFocusBack}
          {...(insistent && { role: "alertdialog", onPointerDownOutside: (event: Event) => event.preventDefault() })}
          {...(!description && { "aria-describedby": undefined })}
          className={classNames(
            "fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 animate-rise overflow-y-auto rounded-2xl border bg-surface p-6 shadow-2xl",
            wide ? "max-w-2xl" : "max-w-md",
          )}
        >
          <Radix.Title className="pr-8 font-semibold text-base [overflow-wrap:anywhere]">{title}</Radix.Title>
          {description && (
            <Radix.Description className="mt-1.5 text-soft [overflow-wrap:anywhere]">{description}</Radix.Description>
          )}
          <div className="mt-5 grid gap-4">{children}</div>
          <Radix.Close asChild>
            <Button variant="quiet" size="icon" aria-label="Close" className="!absolute top-3.5 right-3.5">
              <X aria-hidden />
            </Button>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The buttons at the end of a dialog or form. */
export function Actions({ children }: { readonly children: ReactNode }) {
  return <div className="mt-1 flex flex-wrap justify-end gap-2">{children}</div>;
}

interface ConfirmProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description: ReactNode;
  readonly action: string;
  /** What has to be typed before it can be done; for what cannot be undone. */
  readonly typed?: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
}

/** Asks before something is done for good. */
export function Confirm({
  open,
  onOpenChange,
  title,
  description,
  action,
  typed,
  busy,
  error,
  onConfirm,
}: ConfirmProps) {
  const [text, setText] = useState("");
  const change = (next: boolean) => {
    setText("");
    onOpenChange(next);
  };
  return (
    <Dialog open={open} onOpenChange={change} title={title} description={description} insistent>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === undefined || text === typed) onConfirm();
        }}
      >
        {typed !== undefined && (
          <TextField
            label={`Type ${typed} to confirm`}
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        <Refused error={error} />
        <Actions>
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button type="submit" variant="danger" busy={busy} disabled={typed !== undefined && text !== typed}>
            {action}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
