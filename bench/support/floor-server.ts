import { createServer } from "node:http";
import pg from "pg";
import { floorUpsert, floorValues } from "./floor-table.ts";

// The bare server that a PUT is measured against: node:http, JSON.parse, one upsert of two rows. No authentication, no
// validation, no sealing, no access log.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16, idleTimeoutMillis: 0 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    JSON.parse(Buffer.concat(chunks).toString());
    await pool.query({ ...floorUpsert, values: floorValues(request.url?.split("/")[3] ?? "") });
    response.setHeader("content-type", "application/json");
    response.end('{"ok":true}');
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object")
    process.send?.({ type: "ready", url: `http://127.0.0.1:${address.port}` });
});
process.on("SIGTERM", () => process.exit(0));
