import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Tracer } from "./tracer.ts";

const exportMs = 5_000;
const sendEveryMs = 1_000;
const closeMs = 2_000;

const kinds = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** Traces that are sent to `url` by OTLP over HTTP, as JSON; a parent that was not sampled is followed in that. */
export function createOtlpTracer(serviceName: string, url: string): Tracer {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url, timeoutMillis: exportMs }),
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: exportMs,
        maxQueueSize: 2_048,
      }),
    ],
  });
  const spans = provider.getTracer("stablehand");
  return {
    start(name, { kind = "internal", parent, startedAt, attributes } = {}) {
      const span = spans.startSpan(
        name,
        {
          kind: kinds[kind],
          ...(startedAt !== undefined && { startTime: startedAt }),
          ...(attributes && { attributes }),
        },
        contextOf(parent),
      );
      return {
        traceparent: format(span.spanContext()),
        set: (more) => void span.setAttributes(more),
        end(failure) {
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
          span.end();
        },
      };
    },
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, closeMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]); // a receiver that is away is no failure
    },
  };
}

function format({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function contextOf(traceparent: string | undefined): Context {
  const [, traceId = "", spanId = "", flags = ""] = traceparentForm.exec(traceparent ?? "") ?? [];
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}
