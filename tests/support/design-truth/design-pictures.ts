import { crc32, deflateSync } from "node:zlib";

/** A grey PNG of a size; equal sizes give equal bytes. */
export function pngOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8); // bits of a grey sample
  const rows = Buffer.alloc((width + 1) * height, 0x99);
  for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0; // the filter of each row: none
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "ascii"), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}

/** The icons of the pages: what is drawn, and how. */
export const iconShapes = {
  arrow: {
    style: "outline",
    attributes: 'fill="none" stroke="currentColor"',
    shapes: '<path d="M5 12h14M13 6l6 6-6 6"/>',
  },
  check: { style: "outline", attributes: 'fill="none" stroke="currentColor"', shapes: '<path d="M4 12l5 5L20 6"/>' },
  star: {
    style: "solid",
    attributes: 'fill="currentColor"',
    shapes: '<path d="M12 2l3 7h7l-6 5 2 8-6-5-6 5 2-8-6-5h7z"/>',
  },
  disc: { style: "solid", attributes: 'fill="currentColor"', shapes: '<circle cx="12" cy="12" r="9"/>' },
  layers: {
    style: "duotone",
    attributes: 'fill="currentColor"',
    shapes: '<path class="second" d="M2 8l10-6 10 6-10 6z"/><path d="M2 14l10 6 10-6v3l-10 6-10-6z"/>',
  },
} as const;

/** One of them. */
export type IconName = keyof typeof iconShapes;

/** An icon as markup within HTML, with what pages add that shows nothing. */
export function iconMarkup(name: IconName, size: number, noise = ""): string {
  const { attributes, shapes } = iconShapes[name];
  return `<svg ${noise} width="${size}" height="${size}" viewBox="0 0 24 24" ${attributes}>${noise ? "<!-- icon -->\n" : ""}${shapes}</svg>`;
}

/** An icon as a symbol of a sprite, by its name. */
export function iconSymbol(name: IconName): string {
  const { attributes, shapes } = iconShapes[name];
  return `<symbol id="${name}" viewBox="0 0 24 24" ${attributes}>${shapes}</symbol>`;
}
