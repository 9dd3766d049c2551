import type { TaskStatistics, Usage } from "@stablehand/sdk";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Cable, KeyRound, PartyPopper, Rocket } from "lucide-react";
import type { ReactNode } from "react";
import { formatCompact, formatDuration, formatMonth, formatNumber, formatPercent, words } from "../format.ts";
import { TaskChart } from "../overview/task-chart.tsx";
import { Card } from "../parts/card.tsx";
import { classNames } from "../parts/class-names.ts";
import { NewTaskLink } from "../parts/new-task-link.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Loaded, Skeleton, SkeletonRows } from "../parts/states.tsx";
import { sessionsQuery, statisticsQuery, usageQuery } from "../queries.ts";
import { SessionList } from "../tasks/session-list.tsx";

/** How things stand: usage, how tasks went, what failed, what was last. */
export function OverviewPage() {
  const usage = useQuery(usageQuery);
  const statistics = useQuery(statisticsQuery);
  return (
    <Page title="Overview" description="The last 30 days, in UTC." actions={<NewTaskLink />}>
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <Card className="xl:col-span-1">
          <Loaded query={usage} placeholder={<FigurePlace title="Tasks this month" />}>
            {(data) => <UsageFigure usage={data} />}
          </Loaded>
        </Card>
        {figures.map(({ title, value, note }) => (
          <Card key={title}>
            <Loaded query={statistics} placeholder={<FigurePlace title={title} />}>
              {(data) => <Figure title={title} value={value(data)} note={note(data)} />}
            </Loaded>
          </Card>
        ))}
      </div>
      <div className="grid gap-6 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Card title="Tasks by day">
          <Loaded query={statistics} placeholder={<Skeleton className="h-[15.25rem]" />}>
            {({ days }) => <TaskChart days={days} />}
          </Loaded>
        </Card>
        <Card title="Failures by code">
          <Loaded query={statistics} placeholder={<Skeleton className="h-[15.25rem]" />}>
            {({ failures }) => <Failures failures={failures} />}
          </Loaded>
        </Card>
      </div>
      <Recent />
    </Page>
  );
}

const figures: readonly {
  readonly title: string;
  readonly value: (statistics: TaskStatistics) => string;
  readonly note: (statistics: TaskStatistics) => string;
}[] = [
  {
    title: "Success rate",
    value: ({ successRate }) => (successRate === null ? "–" : formatPercent(successRate)),
    note: ({ successRate }) => (successRate === null ? "No task has ended yet" : "Cancelled ones left out"),
  },
  {
    title: "Median run time",
    value: ({ runTimeMs }) => (runTimeMs ? formatDuration(runTimeMs.p50) : "–"),
    note: () => "Half of the tasks are faster",
  },
  {
    title: "95th percentile",
    value: ({ runTimeMs }) => (runTimeMs ? formatDuration(runTimeMs.p95) : "–"),
    note: () => "One in twenty takes longer",
  },
];

function Figure({
  title,
  value,
  note,
}: {
  readonly title: string;
  readonly value: ReactNode;
  readonly note: ReactNode;
}) {
  return (
    <dl className="grid h-[5.25rem] grid-rows-[auto_1fr_auto]">
      <dt className="text-[13px] text-soft">{title}</dt>
      <dd className="mt-1 font-semibold text-2xl tabular-nums tracking-tight">{value}</dd>
      <dd className="text-[13px] text-soft">{note}</dd>
    </dl>
  );
}

function FigurePlace({ title }: { readonly title: string }) {
  return (
    <Figure title={title} value={<Skeleton className="mt-1.5 h-6 w-24" />} note={<Skeleton className="h-3.5 w-32" />} />
  );
}

function UsageFigure({ usage: { month, used, limit, inputTokens, outputTokens } }: { readonly usage: Usage }) {
  const share = limit === null ? null : Math.min(used / limit, 1);
  return (
    <Figure
      title={`Tasks in ${formatMonth(month)}`}
      value={
        <>
          {formatNumber(used)}
          {limit !== null && <span className="font-normal text-base text-soft"> of {formatNumber(limit)}</span>}
        </>
      }
      note={
        share === null ? (
          `No limit · ${formatCompact(inputTokens + outputTokens)} tokens`
        ) : (
          <meter
            aria-label="Used of this month's limit"
            min={0}
            max={1}
            value={share}
            className={classNames("usage-meter", share >= 1 ? "text-bad" : share >= 0.8 ? "text-warn" : "text-brand")}
          />
        )
      }
    />
  );
}

function Failures({ failures }: Pick<TaskStatistics, "failures">) {
  const [first] = failures;
  if (!first)
    return (
      <Empty icon={PartyPopper} title="Nothing failed">
        Failures of the last 30 days appear here, by their code.
      </Empty>
    );
  return (
    <ol className="grid gap-3.5">
      {failures.slice(0, 6).map(({ errorCode, count }) => (
        <li key={errorCode}>
          <div className="mb-1.5 flex justify-between gap-3 text-[13px]">
            <Link to="/tasks" search={{ status: "failed" }} className="truncate hover:underline">
              {words(errorCode)}
            </Link>
            <span className="text-soft tabular-nums">{formatNumber(count)}</span>
          </div>
          <div aria-hidden className="h-1.5 rounded-full bg-hover">
            <div className="h-full rounded-full bg-bad" style={{ width: `${(count / first.count) * 100}%` }} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Recent() {
  const query = useInfiniteQuery(sessionsQuery({}, 5));
  const sessions = query.data?.pages[0]?.sessions;
  if (sessions?.length === 0) return <FirstSteps />;
  return (
    <Card
      title="Latest sessions"
      padded={false}
      actions={
        <Link to="/tasks" search={{}} className="font-medium text-[13px] text-brand hover:underline">
          All tasks
        </Link>
      }
    >
      <Loaded query={query} placeholder={<SkeletonRows rows={5} />}>
        {({ pages }) => <SessionList sessions={pages[0]?.sessions ?? []} />}
      </Loaded>
    </Card>
  );
}

const firstSteps = [
  {
    to: "/connect-account",
    icon: Cable,
    title: "Connect an account",
    text: "Paste the session cookies of X, Reddit, TikTok, YouTube or Instagram.",
  },
  {
    to: "/chat",
    icon: Rocket,
    title: "Run a first task",
    text: "Say in words what is to be done, and watch it step by step.",
  },
  {
    to: "/api-keys",
    icon: KeyRound,
    title: "Create an API key",
    text: "Let your own product do the same for its users.",
  },
] as const;

function FirstSteps() {
  return (
    <Card title="First steps">
      <ol className="grid gap-3 md:grid-cols-3">
        {firstSteps.map(({ to, icon: Icon, title, text }) => (
          <li key={to}>
            <Link to={to} className="block h-full rounded-xl border p-4 hover:bg-hover">
              <Icon aria-hidden className="mb-3 size-5 text-brand" />
              <span className="font-medium">{title}</span>
              <span className="mt-1 block text-[13px] text-soft">{text}</span>
            </Link>
          </li>
        ))}
      </ol>
    </Card>
  );
}
