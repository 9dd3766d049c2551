import { ConfigError, type Env } from "./env.ts";

/** A piece of work in a trace, until it is ended. */
export interface Span {
  /** W3C trace context for whatever goes on with this work; undefined when nothing is traced. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** Ends it, now; `failure` is a code of ours. Only the first call counts. */
  end(failure?: string): void;
}

/** Words of ours, ids of tasks and numbers: nothing that a caller, a page or a model wrote. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** How a piece of work begins. */
export interface SpanStart {
  readonly kind?: "server" | "producer" | "consumer" | "internal";
  /** W3C trace context of what it goes on with; one that is none is not looked at. */
  readonly parent?: string | undefined;
  /** In ms since 1970; now by default. */
  readonly startedAt?: number;
  readonly attributes?: SpanAttributes;
}

/** Traces of one program. */
export interface Tracer {
  start(name: string, options?: SpanStart): Span;
  /** Sends what is not sent yet, for 2 s at most. */
  close(): Promise<void>;
}

const noSpan: Span = { traceparent: undefined, set: () => {}, end: () => {} };

/** Traces nothing. */
export const noTracer: Tracer = { start: () => noSpan, close: async () => {} };

/** Reads where traces are sent, as OpenTelemetry names it; null is nowhere. */
export function readTraceEndpoint(env: Env): string | null {
  const text = env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  if (!text) return null;
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new ConfigError(`OTEL_EXPORTER_OTLP_ENDPOINT is "${text}": it must look like http://127.0.0.1:4318`);
  return `${text.replace(/\/+$/, "")}/v1/traces`;
}

/**
 * Opens a tracer that sends by OTLP over HTTP to `endpoint`, or one that does nothing when it is null: OpenTelemetry's packages are loaded only then.
 *
 * A receiver that is away costs nothing but the traces: at most 2,048 spans wait, later ones are dropped.
 */
export async function openTracer(program: "api" | "worker", endpoint: string | null): Promise<Tracer> {
  if (endpoint === null) return noTracer;
  const { createOtlpTracer } = await import("./otlp-tracer.ts");
  return createOtlpTracer(`stablehand-${program}`, endpoint);
}
