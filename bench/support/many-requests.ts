import { createServer } from "node:https";

// A site in a process of its own: one page and the 199 pictures, scripts and style sheets that it loads. Its certificate
// comes as the first message; it answers with its port.
const files = 199;
const kinds = [
  {
    type: "image/svg+xml",
    tag: (path: string) => `<img src="${path}">`,
    body: `<svg xmlns="http://www.w3.org/2000/svg"/>`,
  },
  { type: "text/javascript", tag: (path: string) => `<script src="${path}"></script>`, body: "" },
  { type: "text/css", tag: (path: string) => `<link rel="stylesheet" href="${path}">`, body: "" },
] as const;
const kindOf = (n: number) => kinds[n % kinds.length] ?? kinds[0];
const padding = "/*".padEnd(8_000, "x");
const page = `<!doctype html><title>many requests</title><link rel="icon" href="data:,">${Array.from(
  { length: files },
  (_, n) => kindOf(n).tag(`/${n}`),
).join("")}`;

process.once("message", (certificate: { readonly key: string; readonly cert: string }) => {
  const server = createServer(certificate, (request, response) => {
    const name = request.url?.slice(1) ?? "";
    response.setHeader("cache-control", "no-store");
    if (name === "") return void response.setHeader("content-type", "text/html").end(page);
    const { type, body } = kindOf(Number(name));
    response.setHeader("content-type", type).end(type === "image/svg+xml" ? body : `${padding}*/`);
  });
  server.listen(0, "127.0.0.1", () => {
    const bound = server.address();
    if (bound && typeof bound === "object") process.send?.({ port: bound.port });
  });
});
process.once("disconnect", () => process.exit(0));
