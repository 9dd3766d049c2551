import type { Platform } from "@stablehand/sdk";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../parts/button.tsx";
import { Actions, Dialog } from "../parts/dialog.tsx";
import { Checkbox } from "../parts/field.tsx";
import { ShownOnce } from "../parts/shown-once.tsx";
import { Refused } from "../parts/states.tsx";
import { platformNames, platforms } from "../platforms.ts";
import { client } from "../session.ts";

/** Makes a link for an end-user, with whom the cookies stay: it opens a page on which they are pasted once. */
export function UploadLink({
  endUserId,
  open,
  onOpenChange,
}: {
  readonly endUserId: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const [chosen, setChosen] = useState<readonly Platform[]>([]);
  const create = useMutation({
    mutationFn: () => client.endUsers(endUserId).createUploadTicket({ platforms: chosen }),
    gcTime: 0, // the link is not kept
  });
  const change = (next: boolean) => {
    create.reset();
    setChosen([]);
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      insistent={create.isSuccess}
      title={create.isSuccess ? "Copy the link now" : `Let ${endUserId} connect an account`}
      description={
        create.isSuccess
          ? "It is good once, for 15 minutes, and is not shown again. Whoever opens it can store these cookies, and read nothing."
          : "The link opens a page on which your user pastes the cookies. You never see them."
      }
    >
      {create.data ? (
        <ShownOnce text={create.data.url} what="the link" onDone={() => change(false)} />
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <fieldset className="grid gap-2.5">
            <legend className="mb-2 font-medium text-[13px]">For the cookies of</legend>
            {platforms.map((platform) => (
              <Checkbox
                key={platform}
                label={platformNames[platform]}
                checked={chosen.includes(platform)}
                onChange={({ target }) =>
                  setChosen(target.checked ? [...chosen, platform] : chosen.filter((one) => one !== platform))
                }
              />
            ))}
          </fieldset>
          <Refused error={create.error} />
          <Actions>
            <Button onClick={() => change(false)}>Cancel</Button>
            <Button type="submit" variant="primary" busy={create.isPending} disabled={chosen.length === 0}>
              Make the link
            </Button>
          </Actions>
        </form>
      )}
    </Dialog>
  );
}
