import { expect, test } from "vitest";
import { filesIn, readText } from "./deploy-files.ts";

// The release before goes on while a newer schema is there (docs/self-hosting.md): these forms take something from it.
const forbidden: readonly (readonly [RegExp, string])[] = [
  [
    /\bDROP\s+(TABLE|COLUMN|VIEW|SCHEMA|TYPE)\b/i,
    "drops what the release before may use: stop using it in one release, drop it in the next",
  ],
  [/\bRENAME\b/i, "renames: add the new name, and drop the old one a release later"],
  [/\bTRUNCATE\b/i, "empties a table"],
  [/\bALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE\b/i, "changes a column's type: add another column"],
  [/\bALTER\s+COLUMN\s+\w+\s+(SET\s+NOT\s+NULL|DROP\s+DEFAULT)\b/i, "refuses rows that the release before writes"],
  [
    /\bADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+(?![^,`]*\bDEFAULT\b)[^,`]*\bNOT\s+NULL\b/i,
    "adds a column that the release before does not fill: give it a default",
  ],
];

// Older than the first release: there was no release before them.
const beforeTheRule = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"];

/**
 * What a migration may do although it has such a form, each with its reason. Only for what the release before demonstrably does not touch.
 */
const excused: Readonly<Record<string, string>> = {};

const problemsOf = (text: string) => forbidden.filter(([form]) => form.test(text)).map(([, problem]) => problem);

test("from 0009 on, a migration takes nothing from the release before", () => {
  const later = filesIn("packages/core/migrations").filter(
    (file) => !beforeTheRule.some((number) => file.includes(`/${number}-`)),
  );
  for (const file of later.filter((one) => !excused[one])) expect(problemsOf(readText(file)), file).toEqual([]);
});

test("migrations only go forward", () => {
  const files = filesIn("packages/core/migrations");
  expect(files.length).toBeGreaterThan(7);
  for (const file of files) expect(readText(file), file).not.toMatch(/export (async )?function down/);
});

test("the forms that take something are told from those that add", () => {
  for (const text of [
    "ALTER TABLE tasks DROP COLUMN mode",
    "DROP TABLE tasks",
    "ALTER TABLE tasks RENAME COLUMN a TO b",
    "ALTER TABLE tasks ALTER COLUMN n TYPE bigint",
    "ALTER TABLE tasks ALTER COLUMN n SET NOT NULL",
    "ALTER TABLE tasks ADD COLUMN a text, ADD COLUMN b text NOT NULL, ADD COLUMN c int DEFAULT 1",
  ])
    expect(problemsOf(text), text).toHaveLength(1);
  for (const text of [
    "ALTER TABLE tasks ADD COLUMN a text[] NOT NULL DEFAULT '{}', ADD COLUMN b jsonb",
    "CREATE TABLE a (b text NOT NULL)",
    "CREATE INDEX i ON tasks (a)",
    "ALTER TABLE tasks ALTER COLUMN n DROP NOT NULL",
  ])
    expect(problemsOf(text), text).toEqual([]);
});
