import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../parts/button.tsx";
import { Actions, Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ShownOnce } from "../parts/shown-once.tsx";
import { Refused } from "../parts/states.tsx";
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
  const create = useMutation({
    mutationFn: (endpoint: { url: string; description?: string }) => client.webhooks.create(endpoint),
    onSuccess: () => queryClient.invalidateQueries(webhooksQuery),
    gcTime: 0, // the secret is not kept
  });
  const change = (next: boolean) => {
    create.reset();
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      insistent={create.isSuccess}
      title={create.isSuccess ? "Copy the secret now" : "Add an endpoint"}
      description={
        create.isSuccess
          ? "Your server verifies signatures with it. It is not shown again."
          : "Events are sent to it with POST."
      }
    >
      {create.data ? (
        <ShownOnce text={create.data.secret} what="the secret" onDone={() => change(false)} />
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            const description = String(form.get("description")).trim();
            create.mutate({ url: String(form.get("url")).trim(), ...(description && { description }) });
          }}
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
          <Refused error={create.error} />
          <Actions>
            <Button onClick={() => change(false)}>Cancel</Button>
            <Button type="submit" variant="primary" busy={create.isPending}>
              Add
            </Button>
          </Actions>
        </form>
      )}
    </Dialog>
  );
}
