import { z } from "zod";
import { defineRoute } from "./route.ts";

/** Answers as soon as the process runs. */
export const getHealth = defineRoute({
  id: "get-health",
  method: "GET",
  path: "/healthz",
  auth: "none",
  summary: "Is the process up",
  reply: { status: 200, body: z.object({ ok: z.literal(true) }).meta({ id: "Ok" }) },
  errors: [],
  audit: null,
});

/** Answers when requests can be served: the database is reachable and its schema is the one this release needs. */
export const getReadiness = defineRoute({
  id: "get-readiness",
  method: "GET",
  path: "/readyz",
  auth: "none",
  summary: "Can requests be served",
  reply: { status: 200, body: z.object({ ready: z.literal(true) }).meta({ id: "Ready" }) },
  errors: ["unavailable"],
  audit: null,
});

/** The description of every route, made from the same objects that the server registers. */
export const getOpenapi = defineRoute({
  id: "get-openapi",
  method: "GET",
  path: "/v1/openapi.json",
  auth: "none",
  summary: "This API as OpenAPI 3.1",
  reply: { status: 200, body: z.record(z.string(), z.unknown()) },
  errors: [],
  audit: null,
});
