import type { Task } from "@stablehand/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleStop } from "lucide-react";
import { Button } from "../parts/button.tsx";
import { notifyFailure } from "../parts/notices.tsx";
import { taskQuery } from "../queries.ts";
import { describeError } from "../query-client.ts";
import { client } from "../session.ts";

/** Ends a task that goes on. */
export function CancelTask({ task }: { readonly task: Task }) {
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => client.tasks.cancel(task.taskId),
    onSuccess(cancelled) {
      queryClient.setQueryData(taskQuery(task.taskId).queryKey, cancelled);
      void queryClient.invalidateQueries({ queryKey: ["session", task.sessionId] });
      void queryClient.invalidateQueries({ queryKey: ["sessions"] });
    },
    onError: (error) => notifyFailure(`It could not be cancelled: ${describeError(error)}`),
  });
  return (
    <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate()}>
      <CircleStop aria-hidden />
      Cancel
    </Button>
  );
}
