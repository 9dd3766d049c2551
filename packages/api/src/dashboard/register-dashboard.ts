import { randomBytes } from "node:crypto";
import { AppError } from "@stablehand/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type DashboardFile, readDashboardFiles } from "./dashboard-files.ts";

/** The addresses of the dashboard's pages: each is answered with the same document, whose script shows the page. */
export const pagePaths = [
  "/",
  "/sign-in",
  "/setup",
  "/reset",
  "/chat",
  "/tasks",
  "/tasks/:taskId",
  "/sessions/:sessionId",
  "/end-users",
  "/end-users/:endUserId",
  "/connect-account",
  "/api-keys",
  "/access-log",
  "/settings",
] as const;

const noncePlace = "%STYLE_NONCE%";
const yearSeconds = 31_536_000;

/** Everything is of this origin, no script or style stands in a document; the one style element of dialogs has the nonce. */
function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Serves the dashboard: its pages at their addresses, and the files that they load. */
export function registerDashboard(app: FastifyInstance): void {
  let reading: Promise<ReadonlyMap<string, DashboardFile>> | undefined;
  const files = () => {
    reading ??= readDashboardFiles();
    return reading;
  };

  for (const path of pagePaths)
    app.get(path, async (_request, reply) => {
      const document = (await files()).get("/index.html");
      if (!document)
        throw new AppError("unavailable", "The dashboard is not built: run `npm run build`, then start again.");
      const nonce = randomBytes(16).toString("base64");
      return secured(reply, document.type)
        .header("content-security-policy", policyWith(nonce))
        .header("cross-origin-opener-policy", "same-origin")
        .header("permissions-policy", "camera=(), microphone=(), geolocation=()")
        .header("cache-control", "no-store")
        .send(document.content.toString("utf8").replace(noncePlace, nonce));
    });

  const sendFile = async (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const file = (await files()).get(path);
    if (!file) throw new AppError("route_not_found", "There is no such file.");
    reply.header("cache-control", file.isHashed ? `public, max-age=${yearSeconds}, immutable` : "no-cache");
    return sendCompressed(request, secured(reply, file.type), file);
  };
  app.get("/assets/*", sendFile);
  for (const path of ["/theme.js", "/icon.svg"]) app.get(path, sendFile);
}

function sendCompressed(request: FastifyRequest, reply: FastifyReply, { content, br, gzip }: DashboardFile) {
  if (!br || !gzip) return reply.send(content);
  reply.header("vary", "accept-encoding");
  const accepted = String(request.headers["accept-encoding"] ?? "");
  if (/\bbr\b/.test(accepted)) return reply.header("content-encoding", "br").send(br);
  if (/\bgzip\b/.test(accepted)) return reply.header("content-encoding", "gzip").send(gzip);
  return reply.send(content);
}

function secured(reply: FastifyReply, type: string): FastifyReply {
  return reply.type(type).header("x-content-type-options", "nosniff").header("referrer-policy", "no-referrer");
}
