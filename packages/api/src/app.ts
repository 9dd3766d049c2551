import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { AppError, type Route, routes } from "@stablehand/contract";
import type { Logger } from "@stablehand/core/log";
import type { Span } from "@stablehand/core/tracer";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { registerAccounts } from "./accounts/register-accounts.ts";
import { registerApiReference } from "./api-reference.ts";
import { type Authenticator, type Caller, createAuthenticator, requireNamedEndUser, requireScope } from "./auth.ts";
import { registerConnect } from "./connect/register-connect.ts";
import type { AppContext } from "./context.ts";
import { registerDashboard } from "./dashboard/register-dashboard.ts";
import { registerGuide } from "./guide/register-guide.ts";
import { confirmsCaller, type Handler } from "./handler.ts";
import { registerMcp } from "./mcp-endpoint.ts";
import { errorBody, rawErrorResponse, replyWithError } from "./reply.ts";
import { handlers } from "./routes/handlers.ts";
import { explainUnrouted } from "./unrouted.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks, on a route that needs to know. */
    caller: Caller | null;
    /** False as long as the caller was only recognised: the work's own statement, or `authenticate`, has the last word. */
    isConfirmed: boolean;
    /** Its part of a trace; null before it has begun. */
    span: Span | null;
    /** The task that the answer tells of, for the log. */
    taskId: string | null;
  }
}

const bodyBytesMax = 1024 * 1024;
const requestTimeoutMs = 30_000;
const keepAliveMs = 65_000;
const requestIdHeader = "x-request-id";

/**
 * Builds the server from the contract's routes.
 *
 * Order of checks: route (404), verb (405), authentication (401, 403), rate limit (429), body and parameters (400, 413,
 * 415), ownership (403, 404), quota (429).
 */
export function createApp(context: AppContext): FastifyInstance {
  const authenticator = createAuthenticator(context.findApiKey, context.findAccount);
  const app = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    trustProxy: context.trustedProxies.length > 0 ? [...context.trustedProxies] : false,
    genReqId: () => randomUUID(),
    // Longer than any URL that Node accepts: an id that is too long is told so by the contract, not by the router.
    routerOptions: { maxParamLength: 65_536 },
    frameworkErrors: (_error, request, reply) => {
      void answerUnrouted(authenticator, context.log, request, reply);
    },
    clientErrorHandler: answerBrokenRequest,
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, async (_request: FastifyRequest, body: Buffer) =>
    parseJson(body),
  );
  app.addHook("onRequest", async (request, reply) => {
    reply.header(requestIdHeader, request.id);
    request.span = context.tracer.start(`${request.method} ${routeOf(request)}`, {
      kind: "server",
      parent: request.headers["traceparent"]?.toString(),
      attributes: { "http.request.method": request.method, "http.route": routeOf(request), requestId: request.id },
    });
  });
  app.addHook("onResponse", async (request, reply) => {
    context.metrics.request(routeOf(request), reply.statusCode, reply.elapsedTime / 1_000);
    request.span?.set({ "http.response.status_code": reply.statusCode });
    request.span?.end(reply.statusCode >= 500 ? String(reply.statusCode) : undefined);
    context.log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        ...(request.taskId !== null && { taskId: request.taskId }),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      "request",
    );
  });
  app.addHook("preClose", async () => context.events.close());
  app.decorateRequest("caller", null);
  app.decorateRequest("isConfirmed", true);
  app.decorateRequest("span", null);
  app.decorateRequest("taskId", null);
  app.setErrorHandler(async (error, request, reply) => {
    // What no route takes is told so, whatever else is wrong with it: Fastify first refuses QUERY without a body, say.
    if (request.is404) {
      await answerUnrouted(authenticator, context.log, request, reply);
      return reply;
    }
    const refusal = request.isConfirmed ? null : await refusalOf(authenticator, request);
    replyWithError(refusal ?? error, request, reply, context.log);
    return reply;
  });
  app.setNotFoundHandler((request, reply) => answerUnrouted(authenticator, context.log, request, reply));

  async function identify(request: FastifyRequest, route: Route): Promise<void> {
    const byStatement = confirmsCaller.has(route.id);
    const caller = byStatement ? await authenticator.recognise(request) : await authenticator.authenticate(request);
    request.isConfirmed = !byStatement;
    request.caller = caller;
    requireScope(caller, route);
    if (caller.keyId !== null) context.keyUsed(caller.keyId);
    context.rateLimiter.spend(caller.businessId);
  }

  function register(route: Route, handler: Handler<Route>): void {
    app.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      exposeHeadRoute: route.method === "GET" && !route.reply.contentType,
      ...(route.auth !== "none" && { onRequest: (request: FastifyRequest) => identify(request, route) }),
      handler: async (request, reply) => {
        const params = route.params?.parse(request.params);
        const query = route.query?.parse(request.query);
        const headers = route.headers?.parse(request.headers);
        const body = parseBody(route, request.body);
        if (request.caller) requireNamedEndUser(request.caller, route, { path: params, query, body });
        const result = await handler(
          {
            caller: request.caller as never, // typed by the route's `auth`; null exactly when it is "none"
            params: params as never, // typed by the route's own schema
            query: query as never, // typed by the route's own schema
            headers: headers as never, // typed by the route's own schema
            body: body as never, // typed by the route's own schema
            rawBody: request.body,
            traceparent: request.span?.traceparent,
            baseUrl: context.publicUrl ?? `${request.protocol}://${request.host}`,
            setHeader: (name, value) => reply.header(name, value),
          },
          context,
        );
        request.taskId = taskIdIn(result);
        if (route.reply.contentType && !reply.hasHeader("content-type")) reply.type(route.reply.contentType);
        reply.code(result === null ? 204 : route.reply.status);
        return result;
      },
    });
  }

  for (const route of routes) register(route, handlers[route.id] as unknown as Handler<Route>); // paired by id
  registerAccounts(app, context);
  registerMcp(app, authenticator);
  registerApiReference(app);
  registerGuide(app);
  registerConnect(app, context);
  registerDashboard(app);
  return app;
}

function taskIdIn(answer: unknown): string | null {
  const { taskId } = Object(answer) as { taskId?: unknown }; // any value, as an object
  return typeof taskId === "string" ? taskId : null;
}

/** As it is registered: one of few, whatever was asked for. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "unrouted";
}

/** Why a caller who was only recognised is refused after all; null when the key still counts. */
function refusalOf(authenticator: Authenticator, request: FastifyRequest): Promise<unknown> {
  return authenticator.authenticate(request).then(
    () => null,
    (refusal: unknown) => refusal,
  );
}

function parseBody(route: Route, body: unknown): unknown {
  if (!route.body) return undefined;
  if (body !== undefined) return route.body.parse(body);
  if (route.bodyOptional) return undefined;
  throw new AppError("invalid_request", "The body is empty: send a JSON object.");
}

/** Undefined for an empty body. Strict UTF-8: a replaced byte would be stored as another value than was sent. */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body, which may hold a credential.
    throw new AppError("invalid_json", "The body is not JSON in UTF-8.");
  }
}

async function answerUnrouted(
  authenticator: Authenticator,
  log: Logger,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { error, allow, needsAuth } = explainUnrouted(request.method, request.raw.url ?? "");
  reply.header(requestIdHeader, request.id);
  if (allow) reply.header("allow", allow);
  const refusal = needsAuth ? await refusalOf(authenticator, request) : null;
  replyWithError(refusal ?? error, request, reply, log);
}

/** Answers what is not HTTP, too large in its head, or too slow; the connection is then closed. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, text] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ([431, "The URL and headers are too long together."] as const)
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ([408, "The request took too long to arrive."] as const)
        : ([400, "This is not an HTTP/1.1 request."] as const);
  socket.end(rawErrorResponse(status, errorBody("invalid_request", text, randomUUID())));
}
