import { getTask } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";
import { findOwnTask } from "../own-task.ts";
import { toWire } from "../task-wire.ts";

/** Shows one of the caller's own tasks. */
export const handleGetTask = handlerFor(getTask, async ({ caller, params }, context) =>
  toWire(await findOwnTask(context, caller, params.taskId)),
);
