/**
 * A value as somebody might write it who wants to bring it past a search: plain, escaped, in base64 within longer text,
 * in hex, backwards, in another case, split.
 */
export function writtenOut(value: string): string[] {
  const bytes = Buffer.from(value);
  const each = (write: (hex: string, code: number) => string) =>
    [...bytes].map((code) => write(code.toString(16).padStart(2, "0"), code)).join("");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return [
    value,
    encodeURIComponent(value),
    encodeURIComponent(encodeURIComponent(value)),
    each((hex) => `%${hex}`),
    JSON.stringify(JSON.stringify({ cookie: value })),
    each((hex) => `\\u00${hex}`),
    each((_hex, code) => `&#${code};`),
    base64(value),
    base64(`a${value}!`),
    base64(`ab${value}?`),
    Buffer.from(`{"session":"${value}"}`).toString("base64url"),
    base64(base64(value)),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    [...value].reverse().join(""),
    value.toUpperCase(),
    value.toLowerCase(),
    value.replace(/.{4}/g, "$& "),
    [...value].join("\u200b"),
    [...value].map((one) => `<b>${one.replaceAll("&", "&amp;")}</b>`).join(""),
  ];
}
