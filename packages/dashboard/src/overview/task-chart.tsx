import type { TaskStatistics } from "@stablehand/sdk";
import { useState } from "react";
import { count, formatDay, formatNumber } from "../format.ts";
import { classNames } from "../parts/class-names.ts";
import { axisEnd } from "./axis-end.ts";

type Day = TaskStatistics["days"][number];

const kinds = [
  { key: "completed", title: "Completed", bar: "bg-brand" },
  { key: "failed", title: "Failed", bar: "bg-bad" },
  { key: "cancelled", title: "Cancelled", bar: "bg-line-strong" },
] as const satisfies readonly { key: keyof Day; title: string; bar: string }[];

const totalOf = (day: Day) => day.completed + day.failed + day.cancelled;

/** The tasks of 30 days, day by day: as bars, and for whoever does not see them as a table. */
export function TaskChart({ days }: { readonly days: readonly Day[] }) {
  const [at, setAt] = useState<number | null>(null);
  const end = axisEnd(Math.max(...days.map(totalOf)));
  const shown = at === null ? undefined : days[at];
  return (
    <figure>
      <figcaption className="mb-3 flex h-5 items-center justify-between gap-4 text-[13px] text-soft">
        {shown ? (
          <span className="truncate text-ink">
            <span className="font-medium">{formatDay(shown.day)}</span>
            {" · "}
            {kinds.map(({ key, title }) => `${formatNumber(shown[key])} ${title.toLowerCase()}`).join(", ")}
          </span>
        ) : (
          <span className="flex gap-4">
            {kinds.map(({ key, title, bar }) => (
              <span key={key} className="flex items-center gap-1.5">
                <span aria-hidden className={classNames("size-2 rounded-[3px]", bar)} />
                {title}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div aria-hidden className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
        <div className="flex h-44 flex-col justify-between text-right text-soft text-xs tabular-nums [&>span]:-my-2 [&>span]:leading-4">
          <span>{formatNumber(end)}</span>
          <span>{formatNumber(end / 2)}</span>
          <span>0</span>
        </div>
        <div className="relative h-44">
          <div className="absolute inset-0 flex flex-col justify-between">
            {[0, 1, 2].map((line) => (
              <span key={line} className="border-t" />
            ))}
          </div>
          <div className="absolute inset-0 flex" onPointerLeave={() => setAt(null)}>
            {days.map((day, index) => (
              <div
                key={day.day}
                onPointerEnter={() => setAt(index)}
                className={classNames(
                  "flex h-full flex-1 flex-col justify-end px-px sm:px-0.5",
                  at === index && "bg-hover/60",
                )}
              >
                <div
                  className="flex flex-col-reverse gap-px overflow-hidden rounded-t-[3px]"
                  style={{ height: `${(totalOf(day) / end) * 100}%` }}
                >
                  {kinds.map(
                    ({ key, bar }) => day[key] > 0 && <span key={key} className={bar} style={{ flexGrow: day[key] }} />,
                  )}
                </div>
              </div>
            ))}
          </div>
        </div>
        <div className="col-start-2 mt-2 flex justify-between text-soft text-xs">
          {[0, 10, 20, 29].map((index) => (
            <span key={index}>{days[index] && formatDay(days[index].day)}</span>
          ))}
        </div>
      </div>
      <table className="sr-only">
        <caption>Tasks that ended, by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {kinds.map(({ key, title }) => (
              <th key={key} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days
            .filter((day) => totalOf(day) > 0)
            .map((day) => (
              <tr key={day.day}>
                <th scope="row">{formatDay(day.day)}</th>
                {kinds.map(({ key }) => (
                  <td key={key}>{count(day[key], "task")}</td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}
