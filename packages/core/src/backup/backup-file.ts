import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { link, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { BackupPart } from "./backup-tables.ts";

const lineBytesMax = 8 * 1024 * 1024;
const newline = 0x0a;

/** Says what is wrong with a backup file, or with restoring it, and what to do. Never holds a row. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/** The first line of a file. */
export interface BackupHeader {
  readonly format: "stablehand-backup";
  readonly version: 1;
  readonly part: BackupPart;
  /** The same in files that were written at one moment. */
  readonly backupId: string;
  readonly takenAt: string;
  /** The schema that the rows are of. */
  readonly migrations: readonly string[];
}

/** A row of a table, in PostgreSQL's JSON. */
export interface BackupRow {
  readonly table: string;
  readonly json: string;
}

/**
 * Writes a backup file whole or not at all, of mode 0600; gives the number of rows.
 *
 * Shape: gzip of lines. The header's JSON; for each row its table, a space and its JSON; last `end`, a space and the SHA-256
 * in hex of all bytes before. Throws BackupError when the file cannot be written, or exists: none is overwritten.
 */
export async function writeBackupFile(
  path: string,
  header: BackupHeader,
  rows: AsyncIterable<readonly BackupRow[]>,
): Promise<number> {
  const aside = `${path}.${randomBytes(4).toString("hex")}.part`;
  const hash = createHash("sha256");
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    const first = `${JSON.stringify(header)}\n`;
    hash.update(first);
    yield first;
    for await (const batch of rows) {
      const text = batch.map(({ table, json }) => `${table} ${json}\n`).join("");
      hash.update(text);
      count += batch.length;
      yield text;
    }
    yield `end ${hash.digest("hex")}\n`;
  }
  try {
    const file = createWriteStream(aside, { flags: "wx", mode: 0o600, flush: true });
    await pipeline(Readable.from(lines()), createGzip(), file);
    await link(aside, path);
    const directory = await open(dirname(path), "r");
    await directory.sync().finally(() => directory.close());
    return count;
  } catch (error) {
    throw fileError("written", path, error);
  } finally {
    await unlink(aside).catch(() => {}); // never made
  }
}

/** A backup file that is being read. */
export interface OpenedBackup {
  readonly header: BackupHeader;
  /**
   * Its rows, once. Whoever has taken all of them knows that they are what was written: a file that was cut or altered
   * throws BackupError, at the latest in the place of its end.
   */
  readonly rows: AsyncGenerator<BackupRow>;
}

/** Opens a backup file; throws BackupError when it cannot be read or is none. Taking or returning `rows` closes it. */
export async function openBackupFile(path: string): Promise<OpenedBackup> {
  const lines = readLines(path);
  const hash = createHash("sha256");
  const first = await lines.next();
  const header = first.done ? null : parseHeader(first.value);
  if (!header) {
    await lines.return(undefined);
    throw new BackupError(`${path} is no backup that this release of Stablehand can read.`);
  }
  hash.update(first.value as Buffer).update("\n"); // a line, since there is a header
  async function* rows(): AsyncGenerator<BackupRow> {
    let isWhole = false;
    for await (const line of lines) {
      const text = line.toString("utf8");
      if (isWhole) throw new BackupError(`${path} goes on after its end: it was altered.`);
      if (text.startsWith("end ")) {
        if (text !== `end ${hash.digest("hex")}`) throw new BackupError(`${path} was altered: its checksum is wrong.`);
        isWhole = true;
        continue;
      }
      hash.update(line).update("\n");
      const space = text.indexOf(" ");
      yield { table: text.slice(0, Math.max(space, 0)), json: text.slice(space + 1) };
    }
    if (!isWhole) throw new BackupError(`${path} is cut short: use another backup.`);
  }
  return { header, rows: rows() };
}

function parseHeader(line: Buffer): BackupHeader | null {
  try {
    const header = JSON.parse(line.toString("utf8")) as BackupHeader; // checked in what follows
    const isOurs =
      header.format === "stablehand-backup" &&
      header.version === 1 &&
      (header.part === "values" || header.part === "keys") &&
      Array.isArray(header.migrations);
    return isOurs ? header : null;
  } catch {
    return null;
  }
}

async function* readLines(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path);
  const text = createGunzip();
  source.on("error", (error) => text.destroy(error));
  let pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source.pipe(text) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
        yield Buffer.concat([...pieces, chunk.subarray(from, end)]);
        pieces = [];
        bytes = 0;
        from = end + 1;
      }
      pieces.push(chunk.subarray(from));
      bytes += chunk.length - from;
      if (bytes > lineBytesMax)
        throw new BackupError(`${path} has a row of over ${lineBytesMax} bytes: it was altered.`);
    }
    if (bytes > 0) throw new BackupError(`${path} is cut short: use another backup.`);
  } catch (error) {
    throw fileError("read", path, error);
  } finally {
    source.destroy();
    text.destroy();
  }
}

function fileError(what: "read" | "written", path: string, error: unknown): unknown {
  const { code = "" } = error as NodeJS.ErrnoException; // of anything that was thrown, it may be missing
  if (code.startsWith("Z_")) return new BackupError(`${path} is damaged or cut short (${code}): use another backup.`);
  if (code === "EEXIST") return new BackupError(`${path} exists: name a new file, none is overwritten.`);
  const reasons = new Set(["ENOENT", "EACCES", "EISDIR", "ENOTDIR", "ENOSPC", "EROFS", "EPERM", "EIO"]);
  return reasons.has(code) ? new BackupError(`${path} cannot be ${what} (${code}).`) : error;
}
