import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

const tones = {
  neutral: "bg-hover text-soft",
  good: "bg-good-tint text-good",
  bad: "bg-bad-tint text-bad",
  warn: "bg-warn-tint text-warn",
  info: "bg-info-tint text-info",
} as const;

/** How something stands, beside the words that say it. */
export type Tone = keyof typeof tones;

/** A word or two in a tinted pill; `dot` adds a mark before it, which moves when `live`. */
export function Badge({
  tone = "neutral",
  dot = false,
  live = false,
  children,
}: {
  readonly tone?: Tone;
  readonly dot?: boolean;
  readonly live?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 font-medium text-xs whitespace-nowrap",
        tones[tone],
      )}
    >
      {dot && (
        <span aria-hidden className={classNames("size-1.5 rounded-full bg-current", live && "animate-breathe")} />
      )}
      {children}
    </span>
  );
}
