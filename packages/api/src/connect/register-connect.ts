import { readFile } from "node:fs/promises";
import { AppError, credentialFieldNames, credentialFields, setCredentials } from "@stablehand/contract";
import { parseId, type UploadTicketId } from "@stablehand/core/ids";
import { embedOriginsOfTicket, findUploadTicket, type UploadTicket } from "@stablehand/core/store/upload-tickets";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AppContext } from "../context.ts";
import { createRateLimiter } from "../rate-limiter.ts";
import { readSealedUpload } from "../sealed-upload.ts";
import { toSealingKey } from "../sealing-key.ts";
import { connectPage } from "./connect-page.ts";
import { refusalOfReturnUrl } from "./return-url.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What the request was let in by, below /connect. */
    ticket: UploadTicket | null;
  }
}

const assets = new URL("../../assets/", import.meta.url);
const bodyBytesMax = 128 * 1024;
const wrongTokensPerSecond = 20;

// Of the page itself. What is written into it is text: no markup is ever made of anything that came from elsewhere.
const policyFor = (embedOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    `frame-ancestors ${embedOrigins.join(" ") || "'none'"}`,
  ].join("; ");

type WithTicket = { Params: { ticketId: string } };

/**
 * Serves the page of an upload ticket at /connect/{ticketId}, and to it alone what it asks: the ticket, and to store by it.
 *
 * Not in the contract: no client relies on them. The token comes in a header, never in an address. Wrong ones are counted
 * by the address that they come from.
 */
export function registerConnect(app: FastifyInstance, context: AppContext): void {
  const { db } = context.database;
  const wrongTokens = createRateLimiter(wrongTokensPerSecond);
  app.decorateRequest("ticket", null);

  async function identify(request: FastifyRequest<WithTicket>): Promise<void> {
    wrongTokens.spend(request.ip);
    const ticketId = parseId<UploadTicketId>(request.params.ticketId);
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const ticket = ticketId && (await findUploadTicket(db, ticketId, token));
    if (!ticket) throw new AppError("ticket_not_found", "This link is not whole, or was withdrawn. Ask for a new one.");
    wrongTokens.giveBack(request.ip);
    if (ticket.state === "used") throw new AppError("ticket_used", "This link has been used. Ask for a new one.");
    if (ticket.state === "expired")
      throw new AppError("ticket_expired", "This link's time is over. Ask for a new one.");
    request.ticket = ticket;
  }

  app.get<WithTicket>("/connect/:ticketId", async ({ params }, reply) => {
    const ticketId = parseId<UploadTicketId>(params.ticketId);
    const embedOrigins = ticketId ? await embedOriginsOfTicket(db, ticketId) : [];
    reply.header("content-security-policy", policyFor(embedOrigins));
    reply.header("cross-origin-opener-policy", "same-origin");
    return secured(reply, "text/html").header("cache-control", "no-store").send(connectPage);
  });
  for (const [file, type] of [
    ["connect.js", "text/javascript"],
    ["connect.css", "text/css"],
  ] as const) {
    let reading: Promise<Buffer> | undefined;
    app.get(`/connect/${file}`, async (_request, reply) => {
      reading ??= readFile(new URL(file, assets));
      return secured(reply, type)
        .header("cache-control", "no-cache")
        .send(await reading);
    });
  }

  app.get<WithTicket>("/connect/:ticketId/ticket", { onRequest: identify }, async (request, reply) => {
    const ticket = ticketOf(request);
    const { platforms, returnUrl, embedOrigins } = ticket;
    const isAllowed = returnUrl !== null && refusalOfReturnUrl(returnUrl, embedOrigins) === null;
    reply.header("cache-control", "no-store");
    return {
      platforms,
      returnUrl: isAllowed ? returnUrl : null,
      embedOrigins,
      expiresAt: ticket.expiresAt.toISOString(),
      sealingKey: toSealingKey(ticket, await context.credentials.sealingKey(ticket)),
    };
  });
  app.put<WithTicket>(
    "/connect/:ticketId/credentials",
    { onRequest: identify, bodyLimit: bodyBytesMax },
    async (request) => {
      const ticket = ticketOf(request);
      const body = setCredentials.body.parse(request.body);
      const sent = credentialFieldNames.filter((field) => (body.sealed ?? body)[field] !== undefined);
      if (sent.some((field) => !ticket.platforms.includes(credentialFields[field].platform)))
        throw new AppError(
          "invalid_request",
          `This link is for ${ticket.platforms.join(", ")} alone. Nothing was stored.`,
        );
      const upload = body.sealed
        ? readSealedUpload(body.sealed)
        : sent.map((field) => [field, body[field] ?? ""] as const);
      await context.credentials.setByTicket(ticket, upload);
      context.log.info({ ticketId: ticket.ticketId, businessId: ticket.businessId }, "an upload ticket was used");
      return { ok: true };
    },
  );
}

function ticketOf({ ticket }: FastifyRequest<WithTicket>): UploadTicket {
  if (!ticket) throw new Error("no request comes here without a ticket");
  return ticket;
}

function secured(reply: FastifyReply, type: string): FastifyReply {
  return reply
    .type(`${type}; charset=utf-8`)
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer");
}
