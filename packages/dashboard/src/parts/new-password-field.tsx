import { useQuery } from "@tanstack/react-query";
import { signInOptionsQuery } from "../queries.ts";
import { TextField } from "./field.tsx";

/** Where a new password is typed; how long it must be, the server says. */
export function NewPasswordField({
  label,
  autoFocus = false,
}: {
  readonly label: string;
  readonly autoFocus?: boolean;
}) {
  const { data } = useQuery(signInOptionsQuery);
  const { min, max } = data?.passwordCharacters ?? { min: 12, max: 128 };
  return (
    <TextField
      label={label}
      name="password"
      type="password"
      autoComplete="new-password"
      required
      minLength={min}
      maxLength={max}
      hint={`At least ${min} characters.`}
      autoFocus={autoFocus}
    />
  );
}
