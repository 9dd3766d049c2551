import { createHash } from "node:crypto";
import { AppError } from "@stablehand/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import { type Guide, readGuide } from "./guide.ts";
import { guideStyle } from "./guide-style.ts";

// Nothing is loaded, run or sent: the one style sheet is known by its hash.
const styleHash = createHash("sha256").update(guideStyle).digest("base64");
const contentPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/**
 * Serves the user guide at /docs/guide, and its contents for programs at /llms.txt, to anyone.
 *
 * The files are read at the first request and kept. Not in the contract: no client relies on them.
 */
export function registerGuide(app: FastifyInstance): void {
  let reading: Promise<Guide> | undefined;
  const guide = (): Promise<Guide> => {
    reading ??= readGuide();
    return reading;
  };
  const send = (reply: FastifyReply, type: string, text: string): FastifyReply =>
    reply
      .type(`${type}; charset=utf-8`)
      .header("content-security-policy", contentPolicy)
      .header("x-content-type-options", "nosniff")
      .header("referrer-policy", "no-referrer")
      .header("cache-control", "public, max-age=300")
      .send(text);

  app.get("/docs/guide", (_request, reply) => reply.redirect("/docs/guide/quickstart"));
  app.get<{ Params: { page: string } }>("/docs/guide/:page", async ({ params }, reply) => {
    const page = (await guide()).page(params.page);
    if (page === null) throw new AppError("route_not_found", "There is no such page. The guide begins at /docs/guide.");
    return send(reply, "text/html", page);
  });
  app.get("/llms.txt", async (_request, reply) => send(reply, "text/plain", (await guide()).llmsText));
  for (const url of ["/docs/guide", "/docs/guide/:page", "/llms.txt"])
    app.route({
      method: ["POST", "PUT", "PATCH", "DELETE"],
      url,
      handler: async ({ method }, reply) => {
        reply.header("allow", "GET, HEAD");
        throw new AppError("method_not_allowed", `${method} is not possible here. Possible: GET, HEAD.`);
      },
    });
}
