import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { isOpenToOthers } from "./places.ts";

/**
 * The directory from which other users can run the program: the checkout itself, or `stagedDir` made equal to it.
 *
 * Staging makes hard links, so it costs no disk and, measured on 10,000 files, half a second (1.6 s with promises): it is
 * done at every start and needs no check for changes. On another file system it copies. Made aside and renamed, so that a
 * staged program is whole or absent. What tools keep in node_modules/.cache is no part of it. Call it only while no other supervisor of the same data directory runs.
 */
export function placeProgram(checkout: string, stagedDir: string): string {
  if (isOpenToOthers(join(checkout, "packages")) && isOpenToOthers(join(checkout, "node_modules"))) return checkout;
  const fresh = `${stagedDir}.new`;
  const old = `${stagedDir}.old`;
  remove(fresh);
  remove(old);
  makeOpenDirectory(fresh);
  for (const name of ["package.json", "SECURITY.md", ".env.example", "docs", "packages", "node_modules"])
    stage(join(checkout, name), join(fresh, name));
  // A directory cannot be renamed over one with contents; a crash between the two leaves none, and the next start makes it.
  if (existsSync(stagedDir)) renameSync(stagedDir, old);
  renameSync(fresh, stagedDir);
  remove(old);
  return stagedDir;
}

function stage(from: string, to: string): void {
  const stats = lstatSync(from);
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (!stats.isDirectory()) stageFile(from, to, stats.mode);
  else {
    makeOpenDirectory(to);
    for (const name of readdirSync(from)) if (name !== ".cache") stage(join(from, name), join(to, name));
  }
}

function stageFile(from: string, to: string, mode: number): void {
  const isExecutable = (mode & 0o100) !== 0;
  // A link shares its mode with the original, so a file closed to others has to be copied.
  const isOpen = (mode & 0o004) !== 0 && (!isExecutable || (mode & 0o001) !== 0);
  if (isOpen && linked(from, to)) return;
  copyFileSync(from, to);
  chmodSync(to, isExecutable ? 0o755 : 0o644);
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false; // another file system, or one without hard links
  }
}

function makeOpenDirectory(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o755); // whatever the umask is
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
