import type { StepSummary } from "@stablehand/sdk";
import { CircleAlert, Compass, FileSearch, LoaderCircle, MousePointerClick, Route } from "lucide-react";
import { classNames } from "../parts/class-names.ts";

const looks = {
  discovery: { icon: Compass, title: "Looked around" },
  planning: { icon: Route, title: "Planned" },
  execution: { icon: MousePointerClick, title: "Acted" },
  extraction: { icon: FileSearch, title: "Read" },
} as const satisfies Record<StepSummary["type"], unknown>;

/** What an agent did, step by step; `live` adds that it goes on. */
export function Timeline({ steps, live = false }: { readonly steps: readonly StepSummary[]; readonly live?: boolean }) {
  return (
    <ol className="relative grid gap-4 before:absolute before:top-3 before:bottom-3 before:left-[0.8125rem] before:w-px before:bg-line">
      {steps.map(({ n, type, msg, success }) => {
        const { icon, title } = looks[type];
        const Icon = success ? icon : CircleAlert;
        return (
          <li key={n} className={classNames("relative flex gap-3", live && "animate-rise")}>
            <span
              className={classNames(
                "grid size-7 shrink-0 place-items-center rounded-full border bg-surface",
                success ? "text-soft" : "text-bad",
              )}
            >
              <Icon aria-hidden className="size-3.5" />
            </span>
            <div className="min-w-0 pt-1 leading-5">
              <span className="sr-only">Step </span>
              <span className="mr-2 text-soft text-xs tabular-nums">{n}</span>
              <span className="[overflow-wrap:anywhere]">{msg}</span>
              <span className={classNames("ml-2 text-xs", success ? "text-soft" : "text-bad")}>
                {success ? title : "Did not work"}
              </span>
            </div>
          </li>
        );
      })}
      {live && (
        <li className="relative flex items-center gap-3 text-soft">
          <span className="grid size-7 shrink-0 place-items-center rounded-full border bg-surface">
            <LoaderCircle aria-hidden className="size-3.5 animate-spin" />
          </span>
          {steps.length === 0 ? "Starting a browser" : "Working"}
        </li>
      )}
    </ol>
  );
}
