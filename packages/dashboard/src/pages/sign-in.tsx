import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { AuthFrame } from "../parts/auth-frame.tsx";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Refused } from "../parts/states.tsx";
import { WithProvider } from "../parts/with-provider.tsx";
import { signInOptionsQuery } from "../queries.ts";
import { callAuth, forgetToken } from "../session.ts";
import { tellOtherTabs } from "../tabs-of-browser.ts";

const route = getRouteApi("/sign-in");

/** What a provider's sign-in came back with, in words: a text from the address itself could say anything. */
function describeReturn(error: string): Error {
  if (error === "signup_closed")
    return new Error("Nobody has an account here with that sign-in. Ask for a set-up link to make one.");
  if (error === "account_not_linked")
    return new Error("The account of that e-mail address has a password: sign in with it.");
  return new Error("The sign-in with the provider did not succeed. Try it once more.");
}

/** Where somebody signs in, or asks for a link to set a new password. */
export function SignInPage() {
  const [isForgotten, setForgotten] = useState(false);
  return isForgotten ? (
    <Forgotten onBack={() => setForgotten(false)} />
  ) : (
    <SignIn onForgotten={() => setForgotten(true)} />
  );
}

function SignIn({ onForgotten }: { readonly onForgotten: () => void }) {
  const { next, error } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const { data: options } = useQuery(signInOptionsQuery);
  const signIn = useMutation({
    mutationFn: (credentials: { email: string; password: string }) => callAuth("/sign-in/email", credentials),
    onSuccess() {
      forgetToken();
      queryClient.clear();
      tellOtherTabs("signed-in");
      router.history.replace(next ?? "/");
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({ email: String(form.get("email")), password: String(form.get("password")) });
  };
  return (
    <AuthFrame
      title="Sign in"
      description="Your agents, your users' accounts, on your machines."
      below={
        options?.signUp && (
          <a className="font-medium text-brand underline" href="/setup">
            Create an account
          </a>
        )
      }
    >
      {options?.oidc && <WithProvider oidc={options.oidc} next={next ?? "/"} />}
      <form className="grid gap-4" onSubmit={submit}>
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        <Refused error={signIn.error ?? (error === undefined ? null : describeReturn(error))} />
        <Button type="submit" variant="primary" busy={signIn.isPending}>
          Sign in
        </Button>
        <Button variant="quiet" onClick={onForgotten}>
          Forgot the password?
        </Button>
      </form>
    </AuthFrame>
  );
}

function Forgotten({ onBack }: { readonly onBack: () => void }) {
  const { data: options } = useQuery(signInOptionsQuery);
  const ask = useMutation({
    mutationFn: (email: string) => callAuth("/request-password-reset", { email }),
  });
  return (
    <AuthFrame
      title="Forgot the password?"
      description={
        options?.resetByEmail === false
          ? "This server sends no mail. Whoever runs it can make you a link: stablehand accounts reset-link."
          : "We send a link with which you set a new one."
      }
    >
      {options?.resetByEmail === false ? null : ask.isSuccess ? (
        <p role="status" className="rounded-lg bg-good-tint px-3 py-2 text-good">
          If there is an account with this address, a link is on its way.
        </p>
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate(String(new FormData(event.currentTarget).get("email")));
          }}
        >
          <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
          <Refused error={ask.error} />
          <Button type="submit" variant="primary" busy={ask.isPending}>
            Send the link
          </Button>
        </form>
      )}
      <Button variant="quiet" onClick={onBack}>
        Back to the sign-in
      </Button>
    </AuthFrame>
  );
}
