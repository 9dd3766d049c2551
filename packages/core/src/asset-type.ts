/** The content types that an asset may be served with, and what its file is then called. All others are bytes. */
const extensions = {
  "image/png": "png",
  "image/apng": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/avif": "avif",
  "image/bmp": "bmp",
  "image/svg+xml": "svg",
  "image/x-icon": "ico",
  "image/vnd.microsoft.icon": "ico",
  "font/woff2": "woff2",
  "font/woff": "woff",
  "font/ttf": "ttf",
  "font/otf": "otf",
  "font/collection": "ttc",
  "application/font-woff2": "woff2",
  "application/font-woff": "woff",
  "application/x-font-ttf": "ttf",
  "application/x-font-otf": "otf",
  "application/octet-stream": "bin",
} as const;

/** A content type that an asset may be served with. */
export type AssetType = keyof typeof extensions;

/** Takes what a site said of its own file: an image's or a font's type as it is, without parameters, all else as bytes. */
export function assetTypeOf(contentType: string): AssetType {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return isAssetType(type) ? type : "application/octet-stream";
}

function isAssetType(type: string): type is AssetType {
  return Object.hasOwn(extensions, type);
}

/** The end of a file's name, without the dot. */
export function extensionOf(type: AssetType): string {
  return extensions[type];
}
