import { listSessions, type TaskStatus } from "@stablehand/contract";
import { listSessions as listStoredSessions, type SessionPosition } from "@stablehand/core/store/sessions";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
/** The most recently active first. */
const made: { sessionId: string; name: string }[] = [];

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  await acme.call("PUT", "/v1/end-users/alice/credentials", { redditSession: "CANARY" });
  await add("check", "POST", "/v1/end-users/alice/credentials/check");
  await add("design", "POST", "/v1/design/extract", { endUserId: "alice", url: "https://example.com" });
  for (const name of ["one", "two", "three"]) await add(name, "POST", "/v1/tasks", { endUserId: "alice", task: name });
  await end("one", "completed");
  await end("three", "completed");
  // A turn more: its session's latest task has not ended.
  await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "again", sessionId: idOf("three") });
});
afterAll(() => api.stop());

async function add(name: string, method: string, url: string, body?: object): Promise<void> {
  const { sessionId } = (await acme.call(method, url, body)).json();
  made.unshift({ name, sessionId });
}

const idOf = (name: string) => made.find((one) => one.name === name)?.sessionId ?? "";
const end = (name: string, status: TaskStatus) =>
  api.context.database.pool.query(
    "UPDATE tasks SET status = $2, completed_at = now() WHERE session_id = $1 AND status = 'pending'",
    [idOf(name), status],
  );

test.each([
  ["", ["three", "two", "one", "design", "check"]],
  ["kind=browse", ["three", "two", "one"]],
  ["kind=design", ["design"]],
  ["kind=check", ["check"]],
  ["status=completed", ["one"]],
  ["status=pending&kind=browse", ["three", "two"]],
  ["status=failed", []],
  ["kind=browse&endUserId=bob", []],
])("?%s lists the sessions whose latest task is so", async (query, names) => {
  const response = await acme.call("GET", `/v1/tasks?${query}`);
  const { sessions, nextCursor } = listSessions.reply.body.parse(response.json());
  expect(sessions.map(({ sessionId }) => made.find((one) => one.sessionId === sessionId)?.name)).toEqual(names);
  expect(nextCursor).toBeUndefined();
});

test("a filtered page looks through so many at most, and says where it goes on until it has seen all", async () => {
  const page = { limit: 2, status: "completed", lookedThroughMax: 2 } as const;
  const seen: string[] = [];
  let pages = 0;
  let after: SessionPosition | undefined;
  do {
    const found: Awaited<ReturnType<typeof listStoredSessions>> = await listStoredSessions(
      api.context.database.db,
      acme.businessId,
      { ...page, after },
    );
    seen.push(...found.sessions.map(({ sessionId }) => sessionId));
    after = found.next ?? undefined;
    pages += 1;
  } while (after && pages < 10);
  expect([seen, pages]).toEqual([[idOf("one")], 3]);
});

test.each(["status=done", "kind=chat", "status=failed&status=pending"])("?%s is 400", async (query) => {
  expect((await acme.call("GET", `/v1/tasks?${query}`)).statusCode).toBe(400);
});
