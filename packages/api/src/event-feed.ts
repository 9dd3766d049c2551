import { AppError } from "@stablehand/contract";
import type { Db } from "@stablehand/core/database";
import type { BusinessId, TaskId } from "@stablehand/core/ids";
import type { Logger } from "@stablehand/core/log";
import { readEvents, type TaskEvent } from "@stablehand/core/store/task-events";

/** Tells followers of tasks what happens to them. */
export interface EventFeed {
  /**
   * The task's events after the one with number `after`, as they come; null when nothing has come for a while.
   *
   * Never ends by itself: whoever follows knows which event is the last. Ends when the feed is closed. Throws
   * `unavailable` when there are too many followers, in all or of one business.
   */
  follow(task: FollowedTask, after: number): AsyncGenerator<TaskEvent | null, void>;
  close(): void;
}

/** Which task is followed, and whose it is. */
export interface FollowedTask {
  readonly taskId: TaskId;
  readonly businessId: BusinessId;
}

interface Follower extends FollowedTask {
  after: number;
  unread: TaskEvent[];
  wake: () => void;
}

const followersMax = 2_000;
const followersOfBusinessMax = 500;
const pollMs = 250;
const quietMs = 15_000;

/**
 * Opens the feed of one process: one statement each 250 ms for all followers together, none when there are no followers.
 *
 * A follower that does not read is not read for, so nothing piles up.
 */
export function openEventFeed(db: Db, log: Logger): EventFeed {
  const followers = new Set<Follower>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function poll(): Promise<void> {
    const asking = [...followers].filter((one) => one.unread.length === 0);
    try {
      for (const event of asking.length > 0 ? await readEvents(db, asking) : []) {
        const follower = asking[event.follower];
        if (!follower) continue;
        follower.unread.push(event);
        follower.after = event.n;
      }
      for (const follower of asking) if (follower.unread.length > 0) follower.wake();
    } catch (error) {
      log.warn({ err: error }, "events could not be read; trying again");
    }
    timer = followers.size > 0 && !closed ? setTimeout(poll, pollMs) : undefined;
  }

  async function* read(follower: Follower): AsyncGenerator<TaskEvent | null, void> {
    followers.add(follower);
    timer ??= setTimeout(poll, 0);
    try {
      while (!closed) {
        if (follower.unread.length === 0) await wokenWithin(follower, quietMs);
        const events = follower.unread;
        follower.unread = [];
        if (events.length > 0) yield* events;
        else if (!closed) yield null;
      }
    } finally {
      followers.delete(follower);
    }
  }

  return {
    follow({ taskId, businessId }, after) {
      const own = [...followers].filter((one) => one.businessId === businessId).length;
      if (followers.size >= followersMax || own >= followersOfBusinessMax)
        throw new AppError("unavailable", "Too many tasks are being followed. Try again later, or GET the task.");
      return read({ taskId, businessId, after, unread: [], wake: () => {} });
    },
    close() {
      closed = true;
      clearTimeout(timer);
      for (const follower of followers) follower.wake();
    },
  };
}

function wokenWithin(follower: Follower, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    follower.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
