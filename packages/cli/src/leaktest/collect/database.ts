import pg from "pg";
import type { SinkPart } from "../search/search-sink.ts";

const connectMs = 10_000;
const queryMs = 30_000;

/** Every column of every row of every table of a database, whoever made it, and the statements that run now. */
export async function readDatabase(url: string): Promise<SinkPart[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMs, query_timeout: queryMs });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1`,
    );
    const parts: SinkPart[] = [];
    for (const { name } of [...tables, { name: "pg_stat_activity" }]) {
      // A name as PostgreSQL itself quotes it. Everything as text too: of bytes that is hex, beside the bytes themselves.
      const { rows, fields } = await client.query<Record<string, unknown>>(
        `SELECT t.*, t::text AS "(row)" FROM ${name} t`,
      );
      for (const field of fields)
        parts.push({
          where: `${name}.${field.name}`,
          bytes: Buffer.concat(rows.map((row) => bytesOf(row[field.name]))),
        });
    }
    return parts;
  } finally {
    await client.end();
  }
}

/** Makes PostgreSQL log an error that quotes `text`. */
export async function plantInLog(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMs, query_timeout: queryMs });
  await client.connect();
  try {
    await client.query(`SELECT ${client.escapeLiteral(text)}::integer`).catch(() => undefined); // it is no integer
  } finally {
    await client.end();
  }
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (value === null || value === undefined) return Buffer.alloc(0);
  return Buffer.from(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
}
