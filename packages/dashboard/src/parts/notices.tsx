import { CircleAlert, CircleCheck } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { classNames } from "./class-names.ts";

const shownForMs = 4_500;

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isFailure: boolean;
}

let notices: readonly Notice[] = [];
let made = 0;
const listeners = new Set<() => void>();

function change(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

/** Tells that something was done, for some seconds. */
export function notify(text: string): void {
  show(text, false);
}

/** Tells that something that was asked for did not succeed, for some seconds. */
export function notifyFailure(text: string): void {
  show(text, true);
}

function show(text: string, isFailure: boolean): void {
  change([...notices.slice(-2), { id: ++made, text, isFailure }]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where notices are shown, and read out. */
export function Notices() {
  const shown = useSyncExternalStore(subscribe, () => notices);
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-50 grid justify-items-center gap-2 sm:left-auto sm:justify-items-end"
    >
      {shown.map((notice) => (
        <OneNotice key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function OneNotice({ notice: { id, text, isFailure } }: { readonly notice: Notice }) {
  useEffect(() => {
    const timer = setTimeout(() => change(notices.filter((one) => one.id !== id)), shownForMs);
    return () => clearTimeout(timer);
  }, [id]);
  const Icon = isFailure ? CircleAlert : CircleCheck;
  return (
    <p className="flex max-w-sm animate-rise items-center gap-2.5 rounded-xl border bg-surface px-4 py-3 shadow-xl">
      <Icon aria-hidden className={classNames("size-4 shrink-0", isFailure ? "text-bad" : "text-good")} />
      <span className="min-w-0 [overflow-wrap:anywhere]">{text}</span>
    </p>
  );
}
