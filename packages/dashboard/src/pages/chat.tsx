import type { Task } from "@stablehand/sdk";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { MessagesSquare, SquarePen } from "lucide-react";
import { useEffect, useRef } from "react";
import { Composer, type Draft } from "../chat/composer.tsx";
import { formatDuration } from "../format.ts";
import { Button, ButtonLook } from "../parts/button.tsx";
import { useTitle } from "../parts/page.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import { Ago } from "../parts/time.tsx";
import { sessionQuery, sessionsQuery } from "../queries.ts";
import { client } from "../session.ts";
import { CancelTask } from "../tasks/cancel-task.tsx";
import { StatusBadge } from "../tasks/status-badge.tsx";
import { TaskResult } from "../tasks/task-result.tsx";
import { Timeline } from "../tasks/timeline.tsx";
import { hasEnded, useLiveTask } from "../tasks/use-live-task.ts";

const route = getRouteApi("/signed-in/chat");

/** Tasks of one's own, as a conversation: each one a message, its steps live, its answer below. */
export function ChatPage() {
  const { session } = route.useSearch();
  useTitle("Chat");
  return (
    <div className="mx-auto grid w-full max-w-6xl px-4 sm:px-8 xl:grid-cols-[14rem_minmax(0,1fr)] xl:gap-10">
      <History current={session} />
      <Conversation key={session ?? "new"} sessionId={session} />
    </div>
  );
}

function History({ current }: { readonly current: string | undefined }) {
  const query = useInfiniteQuery(sessionsQuery({ endUserId: "self", kind: "browse" }, 20));
  const sessions = query.data?.pages.flatMap((page) => page.sessions);
  return (
    <aside className="sticky top-0 hidden h-dvh flex-col gap-1 overflow-y-auto py-8 xl:flex">
      <ButtonLook className="mb-3">
        <Link to="/chat" search={{}}>
          <SquarePen aria-hidden />
          New chat
        </Link>
      </ButtonLook>
      <nav aria-label="Earlier chats" className="grid gap-0.5">
        {sessions?.map(({ sessionId, firstTask }) => (
          <Link
            key={sessionId}
            to="/chat"
            search={{ session: sessionId }}
            aria-current={sessionId === current ? "page" : undefined}
            title={firstTask}
            className="truncate rounded-lg px-2.5 py-1.5 text-soft text-[13px] -outline-offset-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:text-ink"
          >
            {firstTask}
          </Link>
        ))}
        {!sessions && [0, 1, 2].map((row) => <Skeleton key={row} className="h-7" />)}
      </nav>
      {query.hasNextPage && (
        <Button size="small" variant="quiet" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
    </aside>
  );
}

function Conversation({ sessionId }: { readonly sessionId: string | undefined }) {
  const navigate = route.useNavigate();
  const queryClient = useQueryClient();
  const query = useQuery({ ...sessionQuery(sessionId ?? ""), enabled: sessionId !== undefined });
  const tasks = query.data?.tasks ?? [];
  const current = tasks.find((task) => !hasEnded(task));
  useLiveTask(current);

  const send = useMutation({
    mutationFn: (draft: Draft) => client.tasks.submit({ ...draft, ...(sessionId && { sessionId }) }),
    async onSuccess(accepted) {
      void queryClient.invalidateQueries({ queryKey: ["sessions"] });
      await queryClient.fetchQuery({ ...sessionQuery(accepted.sessionId), staleTime: 0 });
      if (!sessionId) await navigate({ search: { session: accepted.sessionId }, replace: true });
    },
  });

  const end = useRef<HTMLDivElement>(null);
  const steps = current?.stepSummaries?.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn or step is what it scrolls for
  useEffect(() => {
    if (tasks.length > 0) end.current?.scrollIntoView({ block: "end" });
  }, [tasks.length, steps, current?.status]);

  return (
    <div className="flex min-h-[calc(100dvh-3.5rem)] min-w-0 flex-col pt-6 sm:pt-8 lg:min-h-dvh">
      <header className="mb-6 flex items-center justify-between gap-4">
        <h1 className="font-semibold text-xl tracking-tight">Chat</h1>
        {sessionId && (
          <ButtonLook size="small" className="xl:hidden">
            <Link to="/chat" search={{}}>
              <SquarePen aria-hidden />
              New chat
            </Link>
          </ButtonLook>
        )}
      </header>
      <div className="flex flex-1 flex-col gap-8">
        {!sessionId && (
          <Empty icon={MessagesSquare} title="What is to be done?">
            An agent does it in a browser of its own, as self: with the accounts that you connected. Follow-ups know
            what came before.
          </Empty>
        )}
        {sessionId && query.isPending && <Skeleton className="h-40 rounded-2xl" />}
        {query.isError && <Failure error={query.error} retry={() => void query.refetch()} />}
        {tasks.map((task) => (
          <Turn key={task.taskId} task={task} />
        ))}
        <div ref={end} className="scroll-mb-56" />
      </div>
      <div className="sticky bottom-0 bg-linear-to-t from-70% from-canvas to-transparent pt-6 pb-5">
        <Composer isFollowUp={tasks.length > 0} busy={send.isPending} error={send.error} onSend={send.mutateAsync} />
      </div>
    </div>
  );
}

function Turn({ task }: { readonly task: Task }) {
  const isOver = hasEnded(task);
  const steps = task.stepSummaries ?? [];
  return (
    <article aria-label="Task" className="grid gap-4 [&>*]:min-w-0">
      <p className="ml-auto max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-brand-tint px-4 py-2.5 leading-6 [overflow-wrap:anywhere]">
        {task.task}
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px] text-soft">
        <StatusBadge status={task.status} />
        {isOver && task.durationMs !== undefined ? formatDuration(task.durationMs) : <Ago at={task.createdAt} />}
        <Link
          to="/tasks/$taskId"
          params={{ taskId: task.taskId }}
          className="underline decoration-line-strong underline-offset-2 hover:text-ink"
        >
          Details
        </Link>
        {!isOver && (
          <span className="ml-auto">
            <CancelTask task={task} />
          </span>
        )}
      </div>
      <div aria-live="polite" className="grid gap-4 [&>*]:min-w-0">
        {isOver ? (
          <>
            <TaskResult task={task} />
            {steps.length > 0 && (
              <details>
                <summary className="w-fit text-[13px] text-soft hover:text-ink">
                  {steps.length === 1 ? "1 step" : `${steps.length} steps`}
                </summary>
                <div className="pt-3">
                  <Timeline steps={steps} />
                </div>
              </details>
            )}
          </>
        ) : task.status === "pending" ? (
          <p className="text-soft">It waits for a worker.</p>
        ) : (
          <Timeline steps={steps} live />
        )}
      </div>
    </article>
  );
}
