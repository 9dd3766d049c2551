import { AppError } from "@stablehand/contract";
import type { FastifyInstance } from "fastify";
import type { Authenticator } from "./auth.ts";

const passedOn = ["accept", "content-type", "mcp-protocol-version"];

/**
 * Serves the Model Context Protocol at `/mcp` to whoever has an API key.
 *
 * Each tool is a request of a route of the contract, made within this process with the very Authorization header that came:
 * keys, rate limits and ownership are judged there. The protocol's package is loaded at the first request.
 */
export function registerMcp(app: FastifyInstance, authenticator: Authenticator): void {
  app.post("/mcp", {
    onRequest: async (request) => void (await authenticator.authenticate(request)),
    handler: async (request, reply) => {
      const { answerMcp } = await import("@stablehand/core/mcp-server");
      const { authorization } = request.headers;
      const traceparent = request.span?.traceparent;
      const headers = passedOn.flatMap((name): [string, string][] => {
        const value = request.headers[name];
        return typeof value === "string" ? [[name, value]] : [];
      });
      const call = async (method: "GET" | "POST", url: string, payload?: object): Promise<unknown> => {
        const answer = await app.inject({
          method,
          url,
          headers: { authorization, host: request.host, ...(traceparent && { traceparent }) },
          ...(payload && { payload }),
        });
        const body: unknown = answer.json();
        if (answer.statusCode < 400) return body;
        throw new Error((body as { error: string }).error); // every error of ours has it
      };
      const asked = new Request("http://localhost/mcp", { method: "POST", headers });
      const response = await answerMcp(asked, request.body, call);
      const type = response.headers.get("content-type");
      if (type) reply.type(type);
      return reply.code(response.status).send(await response.text());
    },
  });
  app.route({
    method: ["GET", "DELETE"],
    url: "/mcp",
    handler: async (request, reply) => {
      reply.header("allow", "POST");
      throw new AppError("method_not_allowed", `${request.method} is not possible here: this server keeps no session.`);
    },
  });
}
