import { getTask } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";
import { findOwnTask } from "../own-task.ts";
import { showTask } from "../show-task.ts";

/** Shows one of the caller's own tasks. */
export const handleGetTask = handlerFor(getTask, async ({ baseUrl, caller, params }, context) =>
  showTask(context, baseUrl, await findOwnTask(context, caller, params.taskId)),
);
