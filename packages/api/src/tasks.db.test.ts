import { randomUUID } from "node:crypto";
import { forgetIdempotencyKeys } from "@stablehand/core/store/task-submissions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
});
afterAll(() => api.stop());

const body = { endUserId: "alice", task: "Read the three newest posts" };
const submit = (extra: object = {}, headers: Record<string, string> = {}, business = acme) =>
  business.call("POST", "/v1/tasks", { ...body, ...extra }, headers);

async function count(table: "tasks" | "sessions" | "task_events" | "idempotency_keys"): Promise<number> {
  const { rows } = await api.context.database.pool.query(`SELECT count(*)::int AS count FROM ${table}`);
  return rows[0].count;
}

async function jobs(taskId: string) {
  const { rows } = await api.context.database.pool.query(
    "SELECT name, singleton_key, state, policy FROM pgboss.job WHERE id = $1",
    [taskId],
  );
  return rows;
}

describe("submitting a task", () => {
  test("gives 201, a task that is pending, a session, and one job of that session", async () => {
    const response = await submit();
    expect(response.statusCode).toBe(201);
    const { taskId, sessionId, status, createdAt } = response.json();
    expect(status).toBe("pending");
    const task = (await acme.call("GET", `/v1/tasks/${taskId}`)).json();
    expect(task).toEqual({
      taskId,
      sessionId,
      businessId: acme.businessId,
      ...body,
      mode: "act",
      status: "pending",
      createdAt,
      updatedAt: createdAt,
    });
    expect(await jobs(taskId)).toEqual([
      { name: "turns", singleton_key: sessionId, state: "created", policy: "key_strict_fifo" },
    ]);
  });

  test("that is read-only is stored as such, and is another submission than one that is not", async () => {
    const key = { "idempotency-key": randomUUID() };
    const { taskId } = (await submit({ mode: "read" }, key)).json();
    expect((await acme.call("GET", `/v1/tasks/${taskId}`)).json().mode).toBe("read");
    expect((await submit({ mode: "read" }, key)).json().taskId).toBe(taskId);
    expect((await submit({ mode: "act" }, key)).statusCode).toBe(409);
  });

  test("continues a session of the same end-user", async () => {
    const { sessionId } = (await submit()).json();
    const second = (await submit({ sessionId, task: "and then" })).json();
    expect(second.sessionId).toBe(sessionId);
    const session = (await acme.call("GET", `/v1/sessions/${sessionId}`)).json();
    expect(session.tasks.map((one: { task: string }) => one.task)).toEqual([body.task, "and then"]);
  });

  test("keeps the order of a session's turns that arrive together", async () => {
    const { sessionId } = (await submit({ task: "0" })).json();
    const tasks = Array.from({ length: 12 }, (_, n) => String(n));
    await Promise.all(tasks.slice(1).map((task) => submit({ sessionId, task })));
    const session = (await acme.call("GET", `/v1/sessions/${sessionId}`)).json();
    expect(session.tasks.map((one: { task: string }) => one.task)).toEqual(tasks);
  });

  test("under one Idempotency-Key on two servers at once makes one task, and answers both with it", async () => {
    const second = await startTestApi({ databaseUrl: api.databaseUrl });
    try {
      for (let time = 0; time < 5; time++) {
        const headers = { authorization: `Bearer ${acme.secret}`, "idempotency-key": randomUUID() };
        const answers = await Promise.all(
          [api.app, second.app].map((app) => app.inject({ method: "POST", url: "/v1/tasks", headers, payload: body })),
        );
        expect(answers.map((one) => one.statusCode)).toEqual([201, 201]);
        expect(answers[0]?.body).toBe(answers[1]?.body);
      }
    } finally {
      await second.stop();
    }
  });

  test("refuses a foreign, an unknown and another end-user's session, and changes nothing", async () => {
    const { sessionId } = (await submit()).json();
    const before = await count("tasks");
    const answers = [
      await submit({ sessionId }, {}, other),
      await submit({ sessionId: randomUUID() }),
      await submit({ sessionId: "not-a-uuid" }),
      await submit({ sessionId, endUserId: "bob" }),
    ];
    expect(answers.map((one) => [one.statusCode, one.json().code])).toEqual([
      [403, "forbidden"],
      [404, "session_not_found"],
      [404, "session_not_found"],
      [403, "session_of_other_end_user"],
    ]);
    expect(await count("tasks")).toBe(before);
  });

  const refused: [string, object, RegExp][] = [
    ["no task", { task: undefined }, /task is missing/],
    ["a blank task", { task: " \n\t" }, /task is blank/],
    ["a task that is no string", { task: 5 }, /task is missing/],
    ["a task of 32,769 characters", { task: "x".repeat(32_769) }, /longer than 32768/],
    ["a task with NUL", { task: "a\0b" }, /NUL/],
    ["a task with half a surrogate pair", { task: "a\ud800b" }, /surrogate/],
    ["no endUserId", { endUserId: undefined }, /endUserId is missing/],
    ["an empty endUserId", { endUserId: "" }, /endUserId is empty/],
    ["an endUserId of 257 characters", { endUserId: "x".repeat(257) }, /longer than 256/],
    ["maxSteps 0", { maxSteps: 0 }, /maxSteps must be a whole number/],
    ["maxSteps -1", { maxSteps: -1 }, /maxSteps must be a whole number/],
    ["maxSteps 2.5", { maxSteps: 2.5 }, /maxSteps must be a whole number/],
    ['maxSteps "5"', { maxSteps: "5" }, /maxSteps must be a whole number/],
    ["a schema that is an array", { schema: [] }, /schema must be/],
    ["a schema that does not compile", { schema: { type: "nonsense" } }, /schema/],
    ["a schema with a remote $ref", { schema: { $ref: "https://example.com/schema.json" } }, /\$ref|resolve|reference/],
    ["startUrl javascript:", { startUrl: "javascript:alert(1)" }, /startUrl must start with http/],
    ["startUrl file:", { startUrl: "file:///etc/passwd" }, /startUrl must start with http/],
    [
      "startUrl at the metadata address",
      { startUrl: "http://169.254.169.254/" },
      /startUrl leads to a private address/,
    ],
    ["a startUrl that is no URL", { startUrl: "x.com" }, /startUrl is no URL/],
    ['mode "write"', { mode: "write" }, /mode must be read or act/],
    ['include_html_dump "yes"', { include_html_dump: "yes" }, /include_html_dump must be true or false/],
  ];
  test.each(refused)("refuses %s with a sentence that says what to change", async (_name, extra, sentence) => {
    const before = await count("tasks");
    const response = await submit(extra);
    expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
    expect(response.json().error).toMatch(sentence);
    expect(await count("tasks")).toBe(before);
  });

  test("takes a task of 32,768 characters outside the basic plane, and a recursive schema", async () => {
    expect((await submit({ task: "😀".repeat(32_768) })).statusCode).toBe(201);
    const tree = { type: "object", properties: { children: { type: "array", items: { $ref: "#" } } } };
    expect((await submit({ schema: tree })).statusCode).toBe(201);
  });

  test("takes maxSteps of a billion as 25", async () => {
    const { taskId } = (await submit({ maxSteps: 1_000_000_000 })).json();
    const { rows } = await api.context.database.pool.query("SELECT steps_max FROM tasks WHERE task_id = $1", [taskId]);
    expect(rows).toEqual([{ steps_max: 25 }]);
  });
});

describe("an Idempotency-Key", () => {
  test("with the same body gives the same answer and one task, also when both arrive at once", async () => {
    const key = { "idempotency-key": randomUUID() };
    const before = await count("tasks");
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit({}, key)));
    answers.push(await submit({}, key));
    expect(new Set(answers.map((one) => one.statusCode))).toEqual(new Set([201]));
    expect(new Set(answers.map((one) => one.body)).size).toBe(1);
    expect(await count("tasks")).toBe(before + 1);
  });

  test("with another body is 409, and nothing is made", async () => {
    const key = { "idempotency-key": randomUUID() };
    await submit({}, key);
    const before = await count("tasks");
    const response = await submit({ task: "something else" }, key);
    expect([response.statusCode, response.json().code]).toEqual([409, "idempotency_conflict"]);
    expect(await count("tasks")).toBe(before);
  });

  test("belongs to its business", async () => {
    const key = { "idempotency-key": randomUUID() };
    const mine = (await submit({}, key)).json();
    const theirs = (await submit({}, key, other)).json();
    expect(theirs.taskId).not.toBe(mine.taskId);
  });

  test("can be used again after 24 hours", async () => {
    const key = randomUUID();
    const first = (await submit({}, { "idempotency-key": key })).json();
    await api.context.database.pool.query(
      "UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second' WHERE idempotency_key = $1",
      [key],
    );
    const second = await submit({ task: "tomorrow's" }, { "idempotency-key": key });
    expect(second.statusCode).toBe(201);
    expect(second.json().taskId).not.toBe(first.taskId);
  });

  test("is forgotten after 24 hours also when nobody uses it again, and not before", async () => {
    const keys = [randomUUID(), randomUUID()];
    for (const key of keys) await submit({}, { "idempotency-key": key });
    await api.context.database.pool.query(
      "UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second' WHERE idempotency_key = $1",
      [keys[0]],
    );
    expect(await forgetIdempotencyKeys(api.context.database.db)).toBe(1);
    const { rows } = await api.context.database.pool.query(
      "SELECT idempotency_key FROM idempotency_keys WHERE idempotency_key = ANY ($1)",
      [keys],
    );
    expect(rows).toEqual([{ idempotency_key: keys[1] }]);
  });

  test.each(["", "x".repeat(256), "käse"])("that is empty, too long or no ASCII is 400: %j", async (key) => {
    expect((await submit({}, { "idempotency-key": key })).statusCode).toBe(400);
  });

  test("is not kept when the task was refused", async () => {
    const before = await count("idempotency_keys");
    await submit({ sessionId: randomUUID() }, { "idempotency-key": randomUUID() });
    expect(await count("idempotency_keys")).toBe(before);
  });
});

describe("reading", () => {
  test("another business's task and session are 403, unknown ones 404", async () => {
    const { taskId, sessionId } = (await submit()).json();
    const paths = [`/v1/tasks/${taskId}`, `/v1/sessions/${sessionId}`, `/v1/tasks/${taskId}/events`];
    for (const path of paths) expect((await other.call("GET", path)).statusCode, path).toBe(403);
    expect((await other.call("POST", `/v1/tasks/${taskId}/cancel`)).statusCode).toBe(403);
    const unknown = [randomUUID(), "nonsense"].flatMap((id) => [`/v1/tasks/${id}`, `/v1/sessions/${id}`]);
    for (const path of unknown) expect((await acme.call("GET", path)).statusCode, path).toBe(404);
    expect((await acme.call("POST", `/v1/tasks/${randomUUID()}/cancel`)).statusCode).toBe(404);
  });

  test("sessions are listed by their latest activity, page by page, each once", async () => {
    const lister = await api.business("lister");
    const made: string[] = [];
    for (let n = 0; n < 7; n++)
      made.push((await submit({ endUserId: `user-${n % 2}`, task: `task ${n}` }, {}, lister)).json().sessionId);
    await submit({ endUserId: "user-1", sessionId: made[1], task: "a second turn" }, {}, lister);

    const listed: { sessionId: string; turnCount: number; firstTask: string; latestStatus: string }[] = [];
    let cursor: string | undefined;
    do {
      const query = `limit=3${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
      const page = (await lister.call("GET", `/v1/tasks?${query}`)).json();
      expect(page.sessions.length).toBeLessThanOrEqual(3);
      listed.push(...page.sessions);
      cursor = page.nextCursor;
    } while (cursor);
    expect(listed.map((one) => one.sessionId)).toEqual([made[1], made[6], made[5], made[4], made[3], made[2], made[0]]);
    expect(listed[0]).toMatchObject({ turnCount: 2, firstTask: "task 1", latestStatus: "pending" });

    const ofOne = (await lister.call("GET", "/v1/tasks?endUserId=user-0")).json();
    expect(ofOne.sessions.map((one: { sessionId: string }) => one.sessionId)).toEqual([
      made[6],
      made[4],
      made[2],
      made[0],
    ]);
    expect((await acme.call("GET", "/v1/tasks?limit=1000&endUserId=user-0")).json().sessions).toEqual([]);
  });

  test.each(["2026-02-30 10:00:00+00", "0000-01-01 00:00:00+00", "2026-01-01 10:00:00+99:99", "1e400", "-1", ""])(
    "a list after the made-up place %s is 400",
    async (place) => {
      const cursor = Buffer.from(`${place}|${randomUUID()}`).toString("base64url");
      expect((await acme.call("GET", `/v1/tasks?cursor=${cursor}`)).statusCode).toBe(400);
    },
  );

  test("pages are whole also where sessions were active in the same microsecond", async () => {
    const lister = await api.business("acme-same-time");
    const made = await Promise.all(
      Array.from({ length: 5 }, async () => (await submit({}, {}, lister)).json().sessionId),
    );
    await api.context.database.pool.query(
      "UPDATE sessions SET active_at = '2026-01-01T00:00:00.123457Z' WHERE business_id = $1",
      [lister.businessId],
    );
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await lister.call("GET", `/v1/tasks?limit=2${cursor ? `&cursor=${cursor}` : ""}`)).json();
      listed.push(...page.sessions.map((one: { sessionId: string }) => one.sessionId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(listed).toEqual(made.sort().reverse());
  });

  test.each(["limit=0", "limit=-1", "limit=2.5", "limit=x", "limit=", "limit=1&limit=2", "cursor=nonsense", "cursor="])(
    "a list with %s is 400",
    async (query) => {
      expect((await acme.call("GET", `/v1/tasks?${query}`)).statusCode).toBe(400);
    },
  );
});

describe("cancelling", () => {
  test("ends a task that waits, for good, and answers the same again", async () => {
    const { taskId } = (await submit()).json();
    const first = await acme.call("POST", `/v1/tasks/${taskId}/cancel`);
    expect(first.statusCode).toBe(200);
    expect(first.json()).toMatchObject({ taskId, status: "cancelled", completedAt: expect.any(String) });
    expect((await acme.call("POST", `/v1/tasks/${taskId}/cancel`)).json()).toEqual(first.json());
  });
});

describe("events", () => {
  const events = (taskId: string, headers: Record<string, string> = {}) =>
    acme.call("GET", `/v1/tasks/${taskId}/events`, undefined, headers);

  test("tell every state from the beginning, end with the last, and can be resumed after any", async () => {
    const { taskId } = (await submit()).json();
    const following = events(taskId); // from before its end
    await acme.call("POST", `/v1/tasks/${taskId}/cancel`);
    const response = await following;
    expect([response.statusCode, response.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    const seen = response.body
      .split("\n\n")
      .filter((one) => one.startsWith("id:"))
      .map((one) => one.split("\n"));
    expect(seen.map(([id, event]) => [id, event])).toEqual([
      ["id: 1", "event: status"],
      ["id: 2", "event: status"],
    ]);
    expect(seen.map(([, , data]) => JSON.parse(data?.slice(6) ?? "").status)).toEqual(["pending", "cancelled"]);

    const resumed = await events(taskId, { "last-event-id": "1" });
    expect(resumed.body).not.toContain("id: 1\n");
    expect(resumed.body).toContain("id: 2\n");
  });

  test("of a task with nothing more to tell are 204, so that an EventSource does not come again", async () => {
    const { taskId } = (await submit()).json();
    await acme.call("POST", `/v1/tasks/${taskId}/cancel`);
    expect((await events(taskId, { "last-event-id": "2" })).statusCode).toBe(204);
  });

  test("after an id that has not been given yet go on from now, and end", async () => {
    const { taskId } = (await submit()).json();
    const following = events(taskId, { "last-event-id": "1000" });
    const cancelled = acme.call("POST", `/v1/tasks/${taskId}/cancel`);
    expect(["", "id: 2\n"]).toContain(/id: \d+\n/.exec((await following).body)?.[0] ?? "");
    expect((await cancelled).statusCode).toBe(200);
    expect((await events(taskId, { "last-event-id": "1000" })).statusCode).toBe(204);
  });

  test.each(["x", "-1", "1.5", "99999999999"])("with Last-Event-ID %s are 400", async (id) => {
    const { taskId } = (await submit()).json();
    expect((await events(taskId, { "last-event-id": id })).statusCode).toBe(400);
  });
});
