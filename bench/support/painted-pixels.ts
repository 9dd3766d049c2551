import { inflateSync } from "node:zlib";

/** How many solid places each colour has, by its number (red, green and blue, eight bits each). */
export type PixelCounts = Map<number, number>;

const side = 3;

/**
 * Counts the places of a PNG where 3 by 3 pixels are of one colour: there it is painted, and not mixed at an edge.
 *
 * Shape: 8 bits a channel, without interlacing, as Chromium writes its pictures of a page.
 */
export function countSolidPixels(png: Buffer, counts: PixelCounts): void {
  const { width, height, channels, rows } = pixelsOf(png);
  const numberAt = (x: number, y: number) => {
    const at = (y * width + x) * channels;
    return ((rows[at] ?? 0) << 16) | ((rows[at + 1] ?? 0) << 8) | (rows[at + 2] ?? 0);
  };
  /** For each column, how many pixels of the row's colour end here, going down. */
  const runs = new Int32Array(width);
  const before = new Int32Array(width).fill(-1);
  for (let y = 0; y < height; y += 1) {
    let across = 0;
    for (let x = 0; x < width; x += 1) {
      const color = numberAt(x, y);
      const down = before[x] === color ? (runs[x] ?? 0) + 1 : 1;
      across = x > 0 && before[x - 1] === color && down >= side && (runs[x - 1] ?? 0) >= side ? across + 1 : 1;
      runs[x] = down;
      before[x] = color;
      if (across >= side && down >= side) counts.set(color, (counts.get(color) ?? 0) + 1);
    }
  }
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly rows: Uint8Array;
}

function pixelsOf(png: Buffer): Pixels {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const packed = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = packed[y * (stride + 1)] ?? 0;
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let x = 0; x < stride; x += 1) {
      const left = x >= channels ? (rows[to + x - channels] ?? 0) : 0;
      const up = y > 0 ? (rows[to + x - stride] ?? 0) : 0;
      const corner = y > 0 && x >= channels ? (rows[to + x - stride - channels] ?? 0) : 0;
      rows[to + x] = (packed[from + x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return { width, height, channels, rows };
}

/** The filters of PNG: none, left, up, their mean, and Paeth's. */
function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
