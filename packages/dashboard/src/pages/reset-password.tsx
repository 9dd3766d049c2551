import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { AuthFrame } from "../parts/auth-frame.tsx";
import { Button } from "../parts/button.tsx";
import { NewPasswordField } from "../parts/new-password-field.tsx";
import { notify } from "../parts/notices.tsx";
import { Refused } from "../parts/states.tsx";
import { callAuth } from "../session.ts";
import { takeLinkToken } from "../take-link-token.ts";

/** Where a new password is set with the link that was sent. */
export function ResetPasswordPage() {
  const [token] = useState(takeLinkToken);
  const navigate = useNavigate();
  const reset = useMutation({
    mutationFn: (newPassword: string) => callAuth("/reset-password", { newPassword, token }),
    async onSuccess() {
      notify("The new password is set. Sign in with it.");
      await navigate({ to: "/sign-in", search: {} });
    },
  });
  return (
    <AuthFrame
      title="Set a new password"
      description="Whoever is signed in to this account is then signed out everywhere."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate(String(new FormData(event.currentTarget).get("password")));
        }}
      >
        <NewPasswordField label="New password" autoFocus />
        <Refused error={reset.error ?? (token ? null : new Error("This link has no token: ask for a new one."))} />
        <Button type="submit" variant="primary" busy={reset.isPending} disabled={!token}>
          Set the password
        </Button>
      </form>
    </AuthFrame>
  );
}
