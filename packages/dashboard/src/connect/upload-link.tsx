import type { Platform } from "@stablehand/sdk";
import { useState } from "react";
import { Checkbox } from "../parts/field.tsx";
import { MakeOnce } from "../parts/make-once.tsx";
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
  const create = async () => (await client.endUsers(endUserId).createUploadTicket({ platforms: chosen })).url;
  const change = (next: boolean) => {
    setChosen([]);
    onOpenChange(next);
  };
  return (
    <MakeOnce
      open={open}
      onOpenChange={change}
      title={`Let ${endUserId} connect an account`}
      description="The link opens a page on which your user pastes the cookies. You never see them."
      action="Make the link"
      make={create}
      isReady={chosen.length > 0}
      secret={{
        name: "the link",
        description:
          "It is good once, for 15 minutes, and is not shown again. Whoever opens it can store these cookies, and read nothing.",
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
    </MakeOnce>
  );
}
