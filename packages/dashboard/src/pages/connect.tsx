import type { CredentialField, Platform } from "@stablehand/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { CircleCheck, ShieldCheck } from "lucide-react";
import { type ClipboardEvent, type FormEvent, useRef, useState } from "react";
import { CookieField } from "../connect/cookie-field.tsx";
import { judgeValue, readPasted } from "../connect/credential-shape.ts";
import { FindCookies } from "../connect/find-cookies.tsx";
import { Button, ButtonLook } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { classNames } from "../parts/class-names.ts";
import { TextField } from "../parts/field.tsx";
import { Page } from "../parts/page.tsx";
import { Refused } from "../parts/states.tsx";
import { isPlatform, platformCookies, platformNames, platforms } from "../platforms.ts";
import { endUserQuery } from "../queries.ts";
import { client } from "../session.ts";

const route = getRouteApi("/signed-in/connect-account");

const canSeal = globalThis.isSecureContext;

/** Where an account's cookies are pasted: they are sealed in this page, and never shown again. */
export function ConnectPage() {
  const { platform: named = "", endUser = "self" } = route.useSearch();
  const navigate = route.useNavigate();
  const platform = isPlatform(named) ? named : "twitter";
  const choose = (next: Platform) =>
    void navigate({ search: (before) => ({ ...before, platform: next }), replace: true });
  return (
    <Page
      title="Connect an account"
      description="Paste the cookies of a signed-in browser, and agents can act as that account."
    >
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">Platform</legend>
        {platforms.map((one) => (
          <label
            key={one}
            className={classNames(
              "flex h-10 items-center rounded-xl border px-4 font-medium has-focus-visible:outline-2 has-focus-visible:outline-brand has-focus-visible:outline-offset-2",
              one === platform ? "border-brand bg-brand-tint text-brand" : "bg-surface hover:bg-hover",
            )}
          >
            <input
              type="radio"
              name="platform"
              className="sr-only"
              checked={one === platform}
              onChange={() => choose(one)}
            />
            {platformNames[one]}
          </label>
        ))}
      </fieldset>
      <div className="grid items-start gap-6 xl:grid-cols-2 [&>*]:min-w-0">
        <PasteForm key={`${platform} ${endUser}`} platform={platform} endUser={endUser} />
        <Card title="Where to find them" description={`The cookies of ${platformNames[platform]}, step by step.`}>
          <FindCookies platform={platform} />
        </Card>
      </div>
    </Page>
  );
}

function PasteForm({ platform, endUser }: { readonly platform: Platform; readonly endUser: string }) {
  const { fields } = platformCookies[platform];
  const form = useRef<HTMLFormElement>(null);
  const [endUserId, setEndUserId] = useState(endUser);
  const [problem, setProblem] = useState<Error | null>(null);
  const queryClient = useQueryClient();
  const boxOf = (field: CredentialField) => form.current?.elements.namedItem(field);
  const typedFor = (field: CredentialField) => {
    const box = boxOf(field);
    return box instanceof HTMLInputElement ? box.value.trim() : "";
  };

  const clear = () => {
    for (const [field] of fields) {
      const box = boxOf(field);
      if (box instanceof HTMLInputElement) box.value = ""; // a reset alone leaves the value in React's own notes
    }
    form.current?.reset();
  };

  // The values go from the boxes to the SDK, which seals them: no argument, for the cache of mutations keeps arguments.
  const send = useMutation({
    mutationFn: async () => {
      const values = Object.fromEntries(fields.map(([field]) => [field, typedFor(field)]).filter(([, value]) => value));
      await client.endUsers(endUserId).credentials.set(values);
      return endUserId;
    },
    onSuccess: (sentFor) => {
      clear();
      void queryClient.invalidateQueries(endUserQuery(sentFor));
      void queryClient.invalidateQueries({ queryKey: ["end-users"] });
    },
  });

  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = readPasted(event.clipboardData.getData("text"), fields);
    if (!pasted) return;
    event.preventDefault();
    for (const [field, value] of pasted) {
      const box = boxOf(field);
      if (!(box instanceof HTMLInputElement)) continue;
      box.value = value;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const values = fields.map(([field]) => [field, typedFor(field)] as const);
    const refused = values.some(([field, value]) => judgeValue(field, value).problem !== null);
    if (endUserId === "") setProblem(new Error("Say whose account it is."));
    else if (values.every(([, value]) => value === "")) setProblem(new Error("Paste at least one value."));
    else if (refused) setProblem(new Error("A value cannot be a cookie: see below its box."));
    else {
      setProblem(null);
      send.mutate();
    }
  };

  return (
    <Card title={`Cookies of ${platformNames[platform]}`}>
      <form
        ref={form}
        className="grid gap-4"
        onSubmit={submit}
        autoComplete="off"
        onInput={() => send.isSuccess && send.reset()}
      >
        <TextField
          label="End-user"
          value={endUserId}
          maxLength={256}
          onChange={(event) => setEndUserId(event.target.value)}
          hint={
            endUserId === "self"
              ? "self is you: the chat acts with these."
              : "Your own id of the user whose account this is."
          }
          autoComplete="off"
          spellCheck={false}
        />
        <div className="grid gap-1">
          {fields.map(([field, cookie]) => (
            <CookieField key={field} field={field} cookie={cookie} onPaste={paste} />
          ))}
        </div>
        {!canSeal && (
          <p role="alert" className="rounded-lg bg-warn-tint px-4 py-3 text-warn">
            Browsers offer the cryptography with which this page seals only over https, or on the server's own machine.
            Open the dashboard there.
          </p>
        )}
        <Refused error={problem ?? send.error} />
        {send.isSuccess && (
          <div role="status" className="flex flex-wrap items-center gap-3 rounded-lg bg-good-tint px-4 py-3 text-good">
            <CircleCheck aria-hidden className="size-4 shrink-0" />
            <span className="min-w-0 flex-1 basis-48 [overflow-wrap:anywhere]">
              Stored for {send.data}, and gone from this page.
            </span>
            <ButtonLook size="small">
              <Link to="/end-users/$endUserId" params={{ endUserId: send.data }}>
                Check the sign-in
              </Link>
            </ButtonLook>
          </div>
        )}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
          <Button type="submit" variant="primary" busy={send.isPending} disabled={!canSeal}>
            Seal and store
          </Button>
          <Button variant="quiet" onClick={clear}>
            Clear
          </Button>
        </div>
        <p className="flex gap-2 text-[13px] text-soft">
          <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0" />
          Sealed in this page before they are sent: the server that takes them cannot read them, and no page shows them
          again.
        </p>
      </form>
    </Card>
  );
}
