import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BackupError, type BackupHeader, type BackupRow, openBackupFile, writeBackupFile } from "./backup-file.ts";

let dir: string;
let path: string;
const header: BackupHeader = {
  format: "stablehand-backup",
  version: 1,
  part: "values",
  backupId: "1",
  takenAt: "2026-01-01T00:00:00.000Z",
  migrations: ["0001-a"],
};
const rows: BackupRow[] = [
  { table: "businesses", json: '{"name":"Grüße \\n und mehr"}' },
  { table: "credentials", json: `{"sealed":"${"ab".repeat(40_000)}"}` },
];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stablehand-backup-"));
  path = join(dir, "values");
});
afterEach(() => rmSync(dir, { recursive: true }));

async function* batches(): AsyncGenerator<BackupRow[]> {
  for (const row of rows) yield [row];
}

async function takeAll(stream: AsyncIterable<BackupRow>): Promise<BackupRow[]> {
  const taken: BackupRow[] = [];
  for await (const row of stream) taken.push(row);
  return taken;
}

async function read(): Promise<BackupRow[]> {
  const opened = await openBackupFile(path);
  expect(opened.header).toEqual(header);
  return takeAll(opened.rows);
}

test("what is written is read again; the file is its owner's alone, and nothing else is left", async () => {
  expect(await writeBackupFile(path, header, batches())).toBe(2);
  expect(await read()).toEqual(rows);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(["values"]);
});

test("a file that exists is not overwritten", async () => {
  writeFileSync(path, "precious");
  await expect(writeBackupFile(path, header, batches())).rejects.toThrow("exists: name a new file");
  expect(readFileSync(path, "utf8")).toBe("precious");
});

test("when the rows break off, no file is left", async () => {
  async function* broken(): AsyncGenerator<BackupRow[]> {
    yield rows;
    throw new Error("connection lost");
  }
  await expect(writeBackupFile(path, header, broken())).rejects.toThrow("connection lost");
  expect(readdirSync(dir)).toEqual([]);
});

test("cut anywhere, it is told", async () => {
  await writeBackupFile(path, header, batches());
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    await expect(read(), `${length} of ${whole.length} bytes`).rejects.toThrow(BackupError);
  }
});

test("cut or altered within, and packed again, it is told", async () => {
  await writeBackupFile(path, header, batches());
  const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split("\n");
  const write = (altered: readonly string[]) => writeFileSync(path, gzipSync(`${altered.join("\n")}\n`));
  const [first = "", one = "", two = "", end = ""] = lines;
  for (const altered of [
    [first, one, two],
    [first, two, end],
    [first, two, one, end],
    [first, one.replace("mehr", "nehr"), two, end],
    [first.replace("2026", "2027"), one, two, end],
    [first, one, two, end.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))],
    [first, one, two, end, "credentials {}"],
    [first, one, two, end, end],
  ]) {
    write(altered);
    await expect(openBackupFile(path).then(({ rows }) => takeAll(rows))).rejects.toThrow(BackupError);
  }
  write(lines);
  expect(await read(), "the control").toEqual(rows);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("hello")],
  ["another gzip", gzipSync("hello\n")],
  ["another format", gzipSync(`${JSON.stringify({ ...header, version: 2 })}\n`)],
])("a file that holds %s is refused", async (_name, bytes) => {
  writeFileSync(path, bytes);
  await expect(openBackupFile(path)).rejects.toThrow(BackupError);
});

test("a file that is missing, or a directory, is said to be so", async () => {
  await expect(openBackupFile(join(dir, "none"))).rejects.toThrow("cannot be read (ENOENT)");
  await expect(openBackupFile(dir)).rejects.toThrow("cannot be read (EISDIR)");
});
