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

// What is older was never released, so no release ran before it.
const firstNumber = 12;

const problemsOf = (text: string) => forbidden.filter(([form]) => form.test(text)).map(([, problem]) => problem);

test("from 0012 on, a migration takes nothing from the release before", () => {
  const files = filesIn("packages/core/migrations");
  const numberOf = (file: string) => Number(/\/(\d{4})-/.exec(file)?.[1]);
  for (const file of files.filter((one) => !(numberOf(one) < firstNumber)))
    expect(problemsOf(readText(file)), file).toEqual([]);
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
