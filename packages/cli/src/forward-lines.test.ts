import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { forwardLines } from "./forward-lines.ts";

async function linesOf(chunks: readonly (string | Buffer)[], charactersMax: number): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  forwardLines(stream, charactersMax, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  const ended = new Promise((resolve) => stream.on("end", resolve));
  stream.end();
  await ended;
  return lines;
}

test("lines come out whole, however they were cut into chunks, the last one too", async () => {
  expect(await linesOf(["on", "e\ntwo\n\nth", "ree"], 100)).toEqual(["one", "two", "", "three"]);
  const euro = Buffer.from("€\n");
  expect(await linesOf([euro.subarray(0, 2), euro.subarray(2)], 100)).toEqual(["€"]);
});

test("a line that never ends is cut, and the next one is whole again", async () => {
  expect(await linesOf(["aaaa", "aaaa", "aa\nb\n"], 5)).toEqual(["aaaaa… (5 more characters)", "b"]);
});
