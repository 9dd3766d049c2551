import type { Design, DesignResults, ExtractDesign, ExtractionAccepted, Task } from "../contract/records.ts";
import type { CallOptions, Transport } from "../transport.ts";
import { waitForTask } from "../wait-for-task.ts";
import type { RunOptions } from "./tasks.ts";

/** An extractor's name. */
export type Extractor = Design["extractors"][number];

/** A page whose design is to be extracted. */
export type DesignRequest = Omit<ExtractDesign, "extractors"> & {
  /** All six when it is absent or empty. */
  readonly extractors?: readonly Extractor[] | undefined;
};

/** An extraction that has completed. */
export type ExtractedDesign = Task & { readonly design: Design & { readonly results: DesignResults } };

/** `client.design`. */
export interface DesignExtraction {
  /** Extracts a public page's design and waits until that is done. Errors as of `tasks.run`. */
  run(request: DesignRequest, options?: RunOptions): Promise<ExtractedDesign>;
  /** Submits an extraction and does not wait; read it with `tasks.get`. */
  submit(request: DesignRequest, options?: CallOptions): Promise<ExtractionAccepted>;
}

/** Makes `client.design`. */
export function designOf(transport: Transport): DesignExtraction {
  const submit = (body: DesignRequest, options?: CallOptions) => transport.send("extract-design", { body }, options);
  return {
    submit,
    async run(request, options = {}) {
      const { signal, retriesMax, idempotencyKey } = options;
      const { taskId } = await submit(request, { signal, retriesMax, idempotencyKey });
      return (await waitForTask(transport, taskId, options)) as ExtractedDesign; // what a completed extraction is
    },
  };
}
