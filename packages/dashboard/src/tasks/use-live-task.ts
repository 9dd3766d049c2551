import type { Task } from "@stablehand/sdk";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { sessionQuery, taskQuery } from "../queries.ts";
import { client } from "../session.ts";
import { withStep } from "./with-step.ts";

/** True when a task will never change again. */
export function hasEnded({ status }: Pick<Task, "status">): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/**
 * Keeps what is known of a task current over its events, while it goes on and the page is shown.
 *
 * Where events do not come through, the queries' own looking again remains.
 */
export function useLiveTask(task: Task | undefined): void {
  const queryClient = useQueryClient();
  const { taskId, sessionId } = task ?? {};
  const isOver = !task || hasEnded(task);
  useEffect(() => {
    if (isOver || taskId === undefined || sessionId === undefined) return;
    const over = new AbortController();
    const change = (make: (task: Task) => Task) => {
      queryClient.setQueryData(taskQuery(taskId).queryKey, (known) => known && make(known));
      queryClient.setQueryData(
        sessionQuery(sessionId).queryKey,
        (known) => known && { ...known, tasks: known.tasks.map((one) => (one.taskId === taskId ? make(one) : one)) },
      );
    };
    const follow = async () => {
      for await (const event of client.tasks.events(taskId, { signal: over.signal })) {
        if (event.type === "step") change((known) => withStep(known, event.data));
        else if (hasEnded(event.data)) {
          const ended = await client.tasks.get(taskId, { signal: over.signal }); // its result came with its end
          change(() => ended);
        } else change((known) => ({ ...known, status: event.data.status }));
      }
    };
    follow().catch(() => undefined); // aborted, or polling tells more
    return () => over.abort();
  }, [queryClient, taskId, sessionId, isOver]);
}
