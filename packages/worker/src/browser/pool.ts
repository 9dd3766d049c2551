import type { SingleUseBrowser } from "./launch.ts";

/** Browsers that stand ready, empty, so that a task does not wait for a launch. */
export interface BrowserPool {
  /**
   * Hands out a browser that nobody had before; the caller destroys it.
   *
   * Waits for a launch when no spare is ready. Errors: BrowserUnavailableError after `takeMs`, or once stopped.
   */
  take(): Promise<SingleUseBrowser>;
  /** Destroys every browser, also those handed out, and waits for launches under way. Safe twice. */
  stop(): Promise<void>;
}

/** What a pool is made of. */
export interface BrowserPoolOptions {
  /** How many spares to keep; 0 launches on demand. */
  readonly prewarm: number;
  readonly launch: () => Promise<SingleUseBrowser>;
  readonly takeMs?: number;
  /** Wait before the first new attempt after a failure; doubles with each further one, up to 32 times. */
  readonly retryMs?: number;
  /** Told of each launch that failed and each spare that died. */
  readonly onFailure?: (error: unknown) => void;
}

/** No browser in time; the `cause` is the last failure, if there was one. */
export class BrowserUnavailableError extends Error {
  override readonly name = "BrowserUnavailableError";
}

interface Waiter {
  resolve(browser: SingleUseBrowser): void;
  reject(error: Error): void;
}

/** Starts a pool and the launch of its spares. */
export function createBrowserPool(options: BrowserPoolOptions): BrowserPool {
  const { prewarm, launch, takeMs = 30_000, retryMs = 250, onFailure } = options;
  const spares: SingleUseBrowser[] = [];
  const waiters: Waiter[] = [];
  const launches = new Set<Promise<void>>();
  const undestroyed = new Set<SingleUseBrowser>();
  let failures = 0; // in a row: only a browser that was taken proves that launching works
  let lastFailure: unknown;
  let retry: NodeJS.Timeout | undefined;
  let stopped: Promise<void> | undefined;

  function refill(): void {
    while (!stopped && !retry && launches.size < prewarm + waiters.length - spares.length) {
      const launched: Promise<void> = launchOne().finally(() => {
        launches.delete(launched);
        refill();
      });
      launches.add(launched);
    }
  }

  async function launchOne(): Promise<void> {
    try {
      const browser = await launch();
      undestroyed.add(browser);
      void browser.gone.then(() => bury(browser));
      if (stopped || !place(browser)) await browser.destroy();
    } catch (error) {
      backOff(error);
    }
  }

  function place(browser: SingleUseBrowser): boolean {
    const waiter = waiters.shift();
    if (waiter) {
      failures = 0;
      waiter.resolve(browser);
    } else if (spares.length < prewarm) spares.push(browser);
    else return false; // whoever it was launched for has given up
    return true;
  }

  async function bury(browser: SingleUseBrowser): Promise<void> {
    const spare = spares.indexOf(browser);
    if (spare >= 0) {
      spares.splice(spare, 1);
      backOff(new Error("a spare browser ended by itself"));
    }
    await browser.destroy().catch((error) => onFailure?.(error));
    undestroyed.delete(browser);
  }

  function backOff(error: unknown): void {
    lastFailure = error;
    onFailure?.(error);
    if (stopped || retry) return;
    retry = setTimeout(
      () => {
        retry = undefined;
        refill();
      },
      retryMs * 2 ** Math.min(failures++, 5),
    );
  }

  async function take(): Promise<SingleUseBrowser> {
    if (stopped) throw new BrowserUnavailableError("the browser pool is stopped");
    const spare = spares.shift();
    if (spare) {
      failures = 0;
      refill();
      return spare;
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiters.splice(waiters.indexOf(waiter), 1);
        reject(new BrowserUnavailableError(`no browser was ready within ${takeMs} ms`, { cause: lastFailure }));
      }, takeMs);
      const waiter: Waiter = {
        resolve(browser) {
          clearTimeout(timer);
          resolve(browser);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      waiters.push(waiter);
      refill();
    });
  }

  async function stopAll(): Promise<void> {
    clearTimeout(retry);
    for (const waiter of waiters.splice(0)) waiter.reject(new BrowserUnavailableError("the browser pool is stopped"));
    spares.length = 0;
    await Promise.all([...undestroyed].map((browser) => browser.destroy()));
    await Promise.all(launches);
  }

  refill();
  return { take, stop: () => (stopped ??= stopAll()) };
}
