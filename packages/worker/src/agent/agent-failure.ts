import type { TaskErrorCode } from "@stablehand/contract";

/** Why an agent's run failed, for programs. */
export type AgentErrorCode = Extract<
  TaskErrorCode,
  "model_unavailable" | "model_refused" | "model_misbehaved" | "schema_mismatch"
>;

/** Ends an agent's run. The message is for the caller: fixed words of ours, no page text, prompt or answer of a model. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
