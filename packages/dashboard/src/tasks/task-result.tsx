import type { Task } from "@stablehand/sdk";
import { TriangleAlert } from "lucide-react";
import { words } from "../format.ts";
import { StructuredContent } from "./structured-content.tsx";

/** What came out of a task that has ended: its answer, or why there is none. */
export function TaskResult({ task }: { readonly task: Task }) {
  return (
    <div className="grid gap-4 [&>*]:min-w-0">
      {task.status === "failed" && (
        <div className="rounded-lg bg-bad-tint px-4 py-3 text-bad">
          <p className="flex items-center gap-2 font-medium">
            <TriangleAlert aria-hidden className="size-4 shrink-0" />
            {task.errorCode ? words(task.errorCode) : "Failed"}
          </p>
          {task.error && <p className="mt-1 whitespace-pre-wrap [overflow-wrap:anywhere]">{task.error}</p>}
        </div>
      )}
      {task.status === "cancelled" && <p className="text-soft">It was cancelled.</p>}
      {task.mayHaveActed && (
        <p className="rounded-lg bg-warn-tint px-4 py-3 text-warn">
          It had begun to click or type before it ended. Look at the account before you run it again.
        </p>
      )}
      {task.result && <p className="whitespace-pre-wrap leading-6 [overflow-wrap:anywhere]">{task.result}</p>}
      {task.structured_content !== undefined && <StructuredContent content={task.structured_content} />}
    </div>
  );
}
