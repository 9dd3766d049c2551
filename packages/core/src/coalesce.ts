/** Calls that arrive together and are answered by one run. */
export type Coalesced<Input, Output> = (input: Input) => Promise<Output>;

interface Waiting<Input, Output> {
  readonly input: Input;
  resolve(output: Output): void;
  reject(error: unknown): void;
}

/**
 * Makes one run of `runAll` serve all calls that arrived while earlier runs were under way (group commit).
 *
 * A run starts at the end of the event loop's turn, so that what one read brought in goes together. With `runsBeforeAnswers`
 * calls that wait are run before those of the run that ended are answered, so that PostgreSQL works while replies are
 * written; worth it where the run is all there is to a call (decision 5). A call never joins a run that has
 * already started, so what it reads is no older than the call. Calls with the same `keyOf` never share a run. `runAll` answers
 * in the order of its inputs; when PostgreSQL refuses the data of one, each is run again alone, so that one bad input fails
 * alone. Any other failure, a lost connection or a time-out, is every call's at once: trying each would make the last wait
 * for all.
 */
export function coalesce<Input, Output>(options: {
  runAll(inputs: readonly Input[]): Promise<readonly Output[]>;
  keyOf?(input: Input): string | symbol;
  runsMax: number;
  batchMax: number;
  runsBeforeAnswers?: boolean;
}): Coalesced<Input, Output> {
  let waiting: Waiting<Input, Output>[] = [];
  let running = 0;
  let scheduled = false;

  function takeBatch(): Waiting<Input, Output>[] {
    const keys = new Set<string | symbol>();
    const batch: Waiting<Input, Output>[] = [];
    const rest: Waiting<Input, Output>[] = [];
    for (const call of waiting) {
      const key = options.keyOf?.(call.input);
      const fits = batch.length < options.batchMax && (key === undefined || !keys.has(key));
      if (key !== undefined) keys.add(key);
      (fits ? batch : rest).push(call);
    }
    waiting = rest;
    return batch;
  }

  /** Says how to answer the batch, once that is known. */
  async function run(batch: readonly Waiting<Input, Output>[]): Promise<() => void> {
    try {
      const outputs = await options.runAll(batch.map((call) => call.input));
      return () => {
        for (const [index, call] of batch.entries()) call.resolve(outputs[index] as Output); // one output an input
      };
    } catch (error) {
      if (batch.length === 1 || !isBadInput(error))
        return () => {
          for (const call of batch) call.reject(error);
        };
      const answers: (() => void)[] = [];
      for (const call of batch) answers.push(await run([call]));
      return () => {
        for (const answer of answers) answer();
      };
    }
  }

  function startRun(): void {
    if (running >= options.runsMax || waiting.length === 0) return;
    running += 1;
    void run(takeBatch()).then((answer) => {
      running -= 1;
      if (options.runsBeforeAnswers) {
        startRun();
        setImmediate(answer); // by then the next run's statement has left
      } else {
        answer();
        scheduleRun();
      }
    });
    scheduleRun();
  }

  function scheduleRun(): void {
    if (scheduled || running >= options.runsMax || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      startRun();
    });
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      scheduleRun();
    });
}

/** SQLSTATE classes 22 and 23: the data was refused, and nothing else is wrong. */
function isBadInput(error: unknown): boolean {
  return /^2[23]/.test(String((error as { code?: unknown } | null)?.code ?? "")); // pg's errors have one
}
