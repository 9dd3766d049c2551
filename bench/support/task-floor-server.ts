import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import pg from "pg";

// The bare server that a submission is measured against: node:http, JSON.parse, one row of a session and one of a task, in
// one statement and so in one transaction. No authentication, no validation, no count, no event, no queue.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16, idleTimeoutMillis: 0 });

const insertBoth = {
  name: "floor",
  text: `WITH opened AS (INSERT INTO floor_sessions (session_id, business_id, end_user_id) VALUES ($2, 'anyone', $3))
    INSERT INTO floor_tasks (task_id, session_id, business_id, end_user_id, task) VALUES ($1, $2, 'anyone', $3, $4)
    RETURNING created_at`,
};

await pool.query(`
  CREATE TABLE floor_sessions (
    session_id uuid PRIMARY KEY, business_id text COLLATE "C" NOT NULL, end_user_id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE floor_tasks (
    task_id uuid PRIMARY KEY, session_id uuid NOT NULL, business_id text COLLATE "C" NOT NULL,
    end_user_id text COLLATE "C" NOT NULL, task text NOT NULL, status text NOT NULL DEFAULT 'pending',
    created_at timestamptz NOT NULL DEFAULT now())`);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    const { endUserId, task } = JSON.parse(Buffer.concat(chunks).toString()) as { endUserId: string; task: string };
    const [taskId, sessionId] = [randomUUID(), randomUUID()];
    const { rows } = await pool.query<{ created_at: Date }>({
      ...insertBoth,
      values: [taskId, sessionId, endUserId, task],
    });
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify({ taskId, sessionId, status: "pending", createdAt: rows[0]?.created_at }));
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object")
    process.send?.({ type: "ready", url: `http://127.0.0.1:${address.port}` });
});
process.on("SIGTERM", () => process.exit(0));
