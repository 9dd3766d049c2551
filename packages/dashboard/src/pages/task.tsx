import type { Task } from "@stablehand/sdk";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Footprints } from "lucide-react";
import { formatDuration, formatMoment, formatNumber } from "../format.ts";
import { Card } from "../parts/card.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { HealthBadge } from "../parts/health-badge.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Loaded, Skeleton } from "../parts/states.tsx";
import { isPlatform, platformNames } from "../platforms.ts";
import { taskQuery } from "../queries.ts";
import { CancelTask } from "../tasks/cancel-task.tsx";
import { DesignReport } from "../tasks/design-report.tsx";
import { Facts } from "../tasks/facts.tsx";
import { HtmlDump } from "../tasks/html-dump.tsx";
import { StatusBadge } from "../tasks/status-badge.tsx";
import { TaskResult } from "../tasks/task-result.tsx";
import { Timeline } from "../tasks/timeline.tsx";
import { hasEnded, useLiveTask } from "../tasks/use-live-task.ts";

const route = getRouteApi("/signed-in/tasks/$taskId");

/** All there is to know of one task. */
export function TaskPage() {
  const { taskId } = route.useParams();
  const query = useQuery(taskQuery(taskId));
  useLiveTask(query.data);
  const sessionId = query.data?.sessionId;
  return (
    <Page
      title="Task"
      above={
        <nav aria-label="Where this is" className="flex gap-1.5">
          <Link to="/tasks" search={{}} className="hover:underline">
            Tasks
          </Link>
          {sessionId && (
            <>
              <span aria-hidden>/</span>
              <Link to="/sessions/$sessionId" params={{ sessionId }} className="hover:underline">
                Session
              </Link>
            </>
          )}
        </nav>
      }
      actions={query.data && !hasEnded(query.data) && <CancelTask task={query.data} />}
    >
      <Loaded query={query} placeholder={<Placeholder />}>
        {(task) => <Details task={task} />}
      </Loaded>
    </Page>
  );
}

function Placeholder() {
  return (
    <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <Skeleton className="h-96 rounded-xl" />
      <Skeleton className="h-64 rounded-xl" />
    </div>
  );
}

function Details({ task }: { readonly task: Task }) {
  const isOver = hasEnded(task);
  const steps = task.stepSummaries ?? [];
  const hasResult = task.status !== "completed" || task.result !== undefined || task.structured_content !== undefined;
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_22rem] [&>*]:min-w-0">
      <div className="grid gap-6 [&>*]:min-w-0">
        <Card title="Prompt" actions={<CopyButton text={task.task} what="the prompt" />}>
          <p className="whitespace-pre-wrap leading-6 [overflow-wrap:anywhere]">{task.task}</p>
        </Card>
        {isOver && hasResult && (
          <Card title="Result" actions={task.result && <CopyButton text={task.result} what="the result" />}>
            <TaskResult task={task} />
          </Card>
        )}
        {task.check && <CheckResult check={task.check} />}
        {task.design?.results && <DesignReport url={task.design.url} results={task.design.results} />}
        {!task.check && !task.design && (
          <Card title="Steps">
            {steps.length > 0 || !isOver ? (
              <Timeline steps={steps} live={!isOver} />
            ) : (
              <Empty icon={Footprints} title="It took no step" />
            )}
          </Card>
        )}
        {task.html_dump !== undefined && <HtmlDump html={task.html_dump} />}
      </div>
      <div className="grid gap-6 [&>*]:min-w-0">
        <Card title="About">
          <Facts facts={aboutOf(task)} />
        </Card>
        {task.network && <Network network={task.network} />}
      </div>
    </div>
  );
}

function aboutOf(task: Task) {
  const { usage, endUserId, taskId } = task;
  return [
    ["Status", <StatusBadge key="status" status={task.status} />],
    [
      "End-user",
      <Link
        key="user"
        to="/end-users/$endUserId"
        params={{ endUserId }}
        className="underline decoration-line-strong underline-offset-2"
      >
        {endUserId}
      </Link>,
    ],
    ["Mode", task.mode === "read" ? "Read only" : task.mode === "act" ? "May act" : undefined],
    ["Submitted", formatMoment(task.createdAt)],
    ["Began", task.startedAt && formatMoment(task.startedAt)],
    ["Ended", task.completedAt && formatMoment(task.completedAt)],
    ["Ran for", task.durationMs !== undefined ? formatDuration(task.durationMs) : undefined],
    ["Steps", task.totalSteps],
    ["Visited", task.visitedUrls?.length ? task.visitedUrls.join(", ") : undefined],
    ["Tokens in", usage && formatNumber(usage.inputTokens)],
    ["Tokens out", usage && formatNumber(usage.outputTokens)],
    ["Model calls", usage && formatNumber(usage.modelCalls)],
    ["Values removed", task.leakBlocked],
    [
      "Task",
      <span key="id" className="flex items-center gap-1">
        <code className="min-w-0 truncate font-mono text-xs">{taskId}</code>
        <CopyButton text={taskId} what="the task's id" />
      </span>,
    ],
  ] as const;
}

function CheckResult({ check }: { readonly check: NonNullable<Task["check"]> }) {
  return (
    <Card title="What the sign-in check saw">
      <ul className="grid gap-3">
        {Object.entries(check).map(([platform, { health, reason }]) => (
          <li key={platform} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="w-24 font-medium">{isPlatform(platform) ? platformNames[platform] : platform}</span>
            <HealthBadge health={health} />
            {reason && <span className="min-w-0 text-soft [overflow-wrap:anywhere]">{reason}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Network({ network: { reached, refused, refusals } }: { readonly network: NonNullable<Task["network"]> }) {
  return (
    <Card title="Network" description="What its browser reached, and was refused.">
      <div className="grid gap-4 text-[13px]">
        <div>
          <h3 className="mb-1 text-soft">Reached</h3>
          <ul>
            {reached.map((host) => (
              <li key={host} className="[overflow-wrap:anywhere]">
                {host}
              </li>
            ))}
            {reached.length === 0 && <li>Nothing</li>}
          </ul>
        </div>
        {refusals > 0 && (
          <div>
            <h3 className="mb-1 text-soft">Refused ({formatNumber(refusals)})</h3>
            <ul>
              {refused.map(({ host, reason, count }) => (
                <li key={`${host} ${reason}`} className="[overflow-wrap:anywhere]">
                  {host}{" "}
                  <span className="text-soft">
                    · {reason.replaceAll("_", " ")} · {formatNumber(count)}×
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Card>
  );
}
