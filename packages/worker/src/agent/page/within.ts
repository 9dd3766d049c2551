/** It took longer than it may. */
export class TooLateError extends Error {
  override readonly name = "TooLateError";
}

/**
 * The promise's outcome, or a failure before that: TooLateError after `timeoutMs`, or the signal's reason.
 *
 * What is still under way goes on unobserved; its late failure is nobody's.
 */
export function within<Value>(promise: Promise<Value>, timeoutMs: number, signal: AbortSignal): Promise<Value> {
  promise.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      settle();
    };
    const abort = () => end(() => reject(signal.reason));
    const timer = setTimeout(() => end(() => reject(new TooLateError(`not done in ${timeoutMs} ms`))), timeoutMs);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    promise.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}
