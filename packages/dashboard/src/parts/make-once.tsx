import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Actions, Dialog } from "./dialog.tsx";
import { Refused } from "./states.tsx";

interface MakeOnceProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description: string;
  /** The word on the button that makes it. */
  readonly action: string;
  /** Makes it, and answers with its secret. */
  readonly make: (form: FormData) => Promise<string>;
  /** False while the form does not say enough. */
  readonly isReady?: boolean;
  /** What the secret is, and what to know when it is shown. */
  readonly secret: { readonly name: string; readonly description: string };
  /** The fields of the form. */
  readonly children: ReactNode;
}

/** A dialog that makes something with a secret, and shows the secret this once, to be copied. */
export function MakeOnce({
  open,
  onOpenChange,
  title,
  description,
  action,
  make,
  isReady = true,
  secret,
  children,
}: MakeOnceProps) {
  const made = useMutation({ mutationFn: make, gcTime: 0 }); // the secret is not kept
  const change = (next: boolean) => {
    made.reset();
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      insistent={made.isSuccess}
      title={made.isSuccess ? `Copy ${secret.name} now` : title}
      description={made.isSuccess ? secret.description : description}
    >
      {made.isSuccess ? (
        <>
          <div className="flex flex-wrap items-center gap-2">
            <code className="min-w-0 flex-[1_1_12rem] select-all rounded-lg border bg-sunken px-3 py-2.5 font-mono text-xs leading-5 [overflow-wrap:anywhere]">
              {made.data}
            </code>
            <CopyButton text={made.data} what={secret.name} full />
          </div>
          <Actions>
            <Button variant="primary" onClick={() => change(false)}>
              I have it
            </Button>
          </Actions>
        </>
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            made.mutate(new FormData(event.currentTarget));
          }}
        >
          {children}
          <Refused error={made.error} />
          <Actions>
            <Button onClick={() => change(false)}>Cancel</Button>
            <Button type="submit" variant="primary" busy={made.isPending} disabled={!isReady}>
              {action}
            </Button>
          </Actions>
        </form>
      )}
    </Dialog>
  );
}
