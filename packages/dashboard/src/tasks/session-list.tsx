import type { SessionSummary } from "@stablehand/sdk";
import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { count } from "../format.ts";
import { Ago } from "../parts/time.tsx";
import { StatusBadge } from "./status-badge.tsx";

const kinds = { browse: null, check: "Sign-in check", design: "Design" } as const;

/** Sessions, each a link to its tasks. */
export function SessionList({ sessions }: { readonly sessions: readonly SessionSummary[] }) {
  return (
    <ul className="divide-y border-t">
      {sessions.map(({ sessionId, firstTask, endUserId, turnCount, latestStatus, latestKind, latestUpdatedAt }) => (
        <li key={sessionId}>
          <Link
            to="/sessions/$sessionId"
            params={{ sessionId }}
            className="flex items-center gap-4 px-5 py-3 -outline-offset-2 hover:bg-sunken"
          >
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{firstTask}</span>
              <span className="block truncate text-[13px] text-soft">
                {[endUserId, count(turnCount, "task"), kinds[latestKind]].filter(Boolean).join(" · ")}
              </span>
            </span>
            <span className="hidden text-[13px] text-soft sm:block">
              <Ago at={latestUpdatedAt} />
            </span>
            <span className="flex w-26 justify-end">
              <StatusBadge status={latestStatus} />
            </span>
            <ChevronRight aria-hidden className="hidden size-4 text-soft sm:block" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
