import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { FastifyInstance, FastifyReply } from "fastify";

// Scalar's own build, as the npm package @scalar/api-reference 1.72.1 has it in dist/browser/standalone.js, compressed. Kept
// here because the package brings 264 others, of which that one file needs none. See assets/README.md.
const scalarFile = new URL("../assets/scalar-api-reference-1.72.1.js.gz", import.meta.url);

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stablehand API</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<script src="/docs/scalar.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = `Scalar.createApiReference("#reference", {
  url: "/v1/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
});
`;

// Vue sets styles on elements, hence the one that is inline; no script is, and nothing is asked of another origin.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Serves the reference of the API at `/docs`, made in the browser from `/v1/openapi.json`, all from this origin. */
export function registerApiReference(app: FastifyInstance): void {
  let scalar: Promise<Buffer> | undefined;
  app.get("/docs", async (_request, reply) => {
    reply.header("content-security-policy", policy);
    return secured(reply, "text/html").send(page);
  });
  app.get("/docs/start.js", async (_request, reply) => secured(reply, "text/javascript").send(start));
  app.get("/docs/scalar.js", async (request, reply) => {
    scalar ??= readFile(scalarFile);
    const compressed = await scalar;
    const takesGzip = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    if (takesGzip) reply.header("content-encoding", "gzip");
    reply.header("vary", "accept-encoding").header("cache-control", "public, max-age=86400");
    return secured(reply, "text/javascript").send(takesGzip ? compressed : gunzipSync(compressed));
  });
}

function secured(reply: FastifyReply, type: string): FastifyReply {
  return reply
    .type(`${type}; charset=utf-8`)
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer");
}
