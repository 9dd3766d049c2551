import { ApiError, ConnectionError } from "@stablehand/sdk";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { SignedOutError } from "./session.ts";

/** Makes the cache of what the server said; `onSignedOut` is called when a request finds that nobody is signed in. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: Error) => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: 5_000, retry: false }, // the SDK has repeated what helps
      mutations: { retry: false },
    },
  });
}

/** True when a request failed because the session is over. */
export function isSignedOut(error: unknown): boolean {
  if (error instanceof SignedOutError) return true;
  if (error instanceof ConnectionError) return isSignedOut(error.cause); // where the SDK keeps what its fetch threw
  return error instanceof ApiError && error.status === 401;
}

/** What to tell the reader of an error, in a sentence. */
export function describeError(error: unknown): string {
  if (error instanceof ConnectionError) return "The server could not be reached. Check the connection and try again.";
  return error instanceof Error && error.message ? error.message : "Something went wrong.";
}
