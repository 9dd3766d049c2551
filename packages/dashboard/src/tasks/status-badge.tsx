import type { Task } from "@stablehand/sdk";
import { Badge, type Tone } from "../parts/badge.tsx";

const looks: Record<Task["status"], { readonly tone: Tone; readonly text: string }> = {
  pending: { tone: "neutral", text: "Waiting" },
  running: { tone: "info", text: "Running" },
  completed: { tone: "good", text: "Completed" },
  failed: { tone: "bad", text: "Failed" },
  cancelled: { tone: "neutral", text: "Cancelled" },
};

/** Where a task is. */
export function StatusBadge({ status }: { readonly status: Task["status"] }) {
  const { tone, text } = looks[status];
  return (
    <Badge tone={tone} dot live={status === "running" || status === "pending"}>
      {text}
    </Badge>
  );
}
