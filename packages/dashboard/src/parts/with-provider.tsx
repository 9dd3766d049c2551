import { useMutation } from "@tanstack/react-query";
import type { SignInOptions } from "../queries.ts";
import { callAuth } from "../session.ts";
import { Button } from "./button.tsx";
import { Refused } from "./states.tsx";

/** Signs in, or makes an account, at the OpenID provider that the operator set up. */
export function WithProvider({
  oidc: { provider, name },
  next,
  headers = {},
}: {
  readonly oidc: NonNullable<SignInOptions["oidc"]>;
  readonly next: string;
  readonly headers?: Readonly<Record<string, string>>;
}) {
  const begin = useMutation({
    mutationFn: () =>
      callAuth<{ url: string }>(
        "/sign-in/social",
        { provider, callbackURL: new URL(next, location.origin).href, errorCallbackURL: "/sign-in" },
        headers,
      ),
    onSuccess: ({ url }) => location.assign(url),
  });
  return (
    <>
      <Button busy={begin.isPending || begin.isSuccess} onClick={() => begin.mutate()}>
        Continue with {name}
      </Button>
      <Refused error={begin.error} />
      <div
        aria-hidden
        className="flex items-center gap-3 text-soft text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line"
      >
        or
      </div>
    </>
  );
}
