import type { Task } from "@stablehand/sdk";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { MessageSquare } from "lucide-react";
import { count, formatDuration } from "../format.ts";
import { ButtonLook } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { Page } from "../parts/page.tsx";
import { Loaded, SkeletonRows } from "../parts/states.tsx";
import { Ago } from "../parts/time.tsx";
import { sessionQuery } from "../queries.ts";
import { CancelTask } from "../tasks/cancel-task.tsx";
import { StatusBadge } from "../tasks/status-badge.tsx";
import { TaskResult } from "../tasks/task-result.tsx";
import { Timeline } from "../tasks/timeline.tsx";
import { hasEnded, useLiveTask } from "../tasks/use-live-task.ts";

const route = getRouteApi("/signed-in/sessions/$sessionId");

/** A session: its tasks, one after the other. */
export function SessionPage() {
  const { sessionId } = route.useParams();
  const query = useQuery(sessionQuery(sessionId));
  const tasks = query.data?.tasks;
  const endUserId = tasks?.[0]?.endUserId;
  useLiveTask(tasks?.find((task) => !hasEnded(task)));
  return (
    <Page
      title="Session"
      above={
        <Link to="/tasks" search={{}} className="hover:underline">
          Tasks
        </Link>
      }
      description={tasks ? `${count(tasks.length, "task")} for ${endUserId}` : " "}
      actions={
        endUserId === "self" && (
          <ButtonLook>
            <Link to="/chat" search={{ session: sessionId }}>
              <MessageSquare aria-hidden />
              Go on in the chat
            </Link>
          </ButtonLook>
        )
      }
    >
      <Loaded
        query={query}
        placeholder={
          <Card padded={false}>
            <SkeletonRows />
          </Card>
        }
      >
        {(session) => session.tasks.map((task) => <Turn key={task.taskId} task={task} />)}
      </Loaded>
    </Page>
  );
}

function Turn({ task }: { readonly task: Task }) {
  const isOver = hasEnded(task);
  return (
    <Card>
      <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2">
        <StatusBadge status={task.status} />
        <span className="text-[13px] text-soft">
          <Ago at={task.createdAt} />
          {task.durationMs !== undefined && ` · ${formatDuration(task.durationMs)}`}
          {task.totalSteps !== undefined && ` · ${count(task.totalSteps, "step")}`}
        </span>
        <span className="ml-auto flex gap-2">
          {!isOver && <CancelTask task={task} />}
          <ButtonLook size="small">
            <Link to="/tasks/$taskId" params={{ taskId: task.taskId }}>
              Details
            </Link>
          </ButtonLook>
        </span>
      </div>
      <p className="mb-4 line-clamp-6 whitespace-pre-wrap font-medium [overflow-wrap:anywhere]">{task.task}</p>
      {isOver ? <TaskResult task={task} /> : <Timeline steps={task.stepSummaries ?? []} live />}
    </Card>
  );
}
