import { useQueryClient } from "@tanstack/react-query";
import { TextField } from "../parts/field.tsx";
import { MakeOnce } from "../parts/make-once.tsx";
import { webhooksQuery } from "../queries.ts";
import { client } from "../session.ts";

/** Adds an endpoint, and shows its secret once. */
export function CreateWebhook({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const create = async (form: FormData) => {
    const description = String(form.get("description")).trim();
    const { secret } = await client.webhooks.create({
      url: String(form.get("url")).trim(),
      ...(description && { description }),
    });
    void queryClient.invalidateQueries(webhooksQuery);
    return secret;
  };
  return (
    <MakeOnce
      open={open}
      onOpenChange={onOpenChange}
      title="Add an endpoint"
      description="Events are sent to it with POST."
      action="Add"
      make={create}
      secret={{ name: "the secret", description: "Your server verifies signatures with it. It is not shown again." }}
    >
      <TextField
        label="Address"
        name="url"
        type="url"
        required
        maxLength={2_048}
        placeholder="https://example.com/webhooks"
        autoFocus
      />
      <TextField label="Description" name="description" maxLength={256} hint="May be left out." />
    </MakeOnce>
  );
}
