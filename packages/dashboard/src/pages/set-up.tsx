import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { AuthFrame } from "../parts/auth-frame.tsx";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { NewPasswordField } from "../parts/new-password-field.tsx";
import { Refused } from "../parts/states.tsx";
import { WithProvider } from "../parts/with-provider.tsx";
import { signInOptionsQuery } from "../queries.ts";
import { callAuth, forgetToken } from "../session.ts";
import { tellOtherTabs } from "../tabs-of-browser.ts";
import { takeLinkToken } from "../take-link-token.ts";

/** Where an account is made: the first one with the link that the server printed. */
export function SetUpPage() {
  const [setupToken] = useState(takeLinkToken);
  const headers = setupToken ? { "x-setup-token": setupToken } : {};
  const { data: options } = useQuery(signInOptionsQuery);
  const router = useRouter();
  const queryClient = useQueryClient();
  const signUp = useMutation({
    mutationFn: (account: { name: string; email: string; password: string }) =>
      callAuth("/sign-up/email", account, headers),
    onSuccess() {
      forgetToken();
      queryClient.clear();
      tellOtherTabs("signed-in");
      router.history.replace("/");
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name));
    signUp.mutate({ name: value("name"), email: value("email"), password: value("password") });
  };
  return (
    <AuthFrame
      title="Set up your account"
      description="It has a business of its own: API keys, end-users and tasks belong to it."
      below={
        <Link to="/sign-in" search={{}} className="font-medium text-brand underline">
          Sign in instead
        </Link>
      }
    >
      {options?.oidc && <WithProvider oidc={options.oidc} next="/" headers={headers} />}
      <form className="grid gap-4" onSubmit={submit}>
        <TextField label="Name" name="name" autoComplete="name" required autoFocus maxLength={100} />
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required />
        <NewPasswordField label="Password" />
        <Refused error={signUp.error} />
        <Button type="submit" variant="primary" busy={signUp.isPending}>
          Create the account
        </Button>
      </form>
    </AuthFrame>
  );
}
