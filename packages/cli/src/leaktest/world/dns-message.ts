/** The first name a DNS query asks for. */
export function questionOf(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; at < query.length; ) {
    const length = query[at] ?? 0;
    if (length === 0) break;
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return labels.join(".");
}

/** Answers a query for an IPv4 address with 127.0.0.1, and any other with nothing. */
export function answerTo(query: Buffer): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const isForIPv4 = query.readUInt16BE(end - 4) === 1;
  const header = Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, isForIPv4 ? 1 : 0, 0, 0, 0, 0]);
  query.copy(header, 0, 0, 2);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([header, query.subarray(12, end), ...(isForIPv4 ? [record] : [])]);
}
