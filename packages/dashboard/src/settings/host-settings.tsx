import type { Settings } from "@stablehand/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { TextArea } from "../parts/field.tsx";
import { notify } from "../parts/notices.tsx";
import { Refused } from "../parts/states.tsx";
import { settingsQuery } from "../queries.ts";
import { client } from "../session.ts";
import { isHost, isOrigin, linesOf, problemOfLines } from "./lines.ts";

/** Which hosts tasks reach, and which pages may show an upload ticket's. */
export function HostSettings({ settings }: { readonly settings: Settings }) {
  const queryClient = useQueryClient();
  const [hosts, setHosts] = useState(settings.allowedHosts.join("\n"));
  const [origins, setOrigins] = useState(settings.embedOrigins.join("\n"));
  const save = useMutation({
    mutationFn: () => client.settings.set({ allowedHosts: linesOf(hosts), embedOrigins: linesOf(origins) }),
    onSuccess(saved) {
      queryClient.setQueryData(settingsQuery.queryKey, saved);
      setHosts(saved.allowedHosts.join("\n"));
      setOrigins(saved.embedOrigins.join("\n"));
      notify("The settings are saved.");
    },
  });
  const hostProblem = problemOfLines(hosts, isHost, "a host looks like example.com, or .example.com for all below it.");
  const originProblem = problemOfLines(
    origins,
    isOrigin,
    "an origin looks like https://app.example.com, without a path.",
  );
  return (
    <form
      className="grid gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Card
        title="Allowed hosts"
        description="A task's browser that holds cookies reaches their platforms and these hosts, and nothing else."
      >
        <TextArea
          label="One host a line"
          rows={5}
          className="font-mono"
          value={hosts}
          onChange={(event) => setHosts(event.target.value)}
          problem={hostProblem}
          hint=".example.com is that name and all below it."
          spellCheck={false}
        />
      </Card>
      <Card
        title="Embedding"
        description="Origins of your product whose pages may show an upload link's page inside themselves."
      >
        <TextArea
          label="One origin a line"
          rows={3}
          className="font-mono"
          value={origins}
          onChange={(event) => setOrigins(event.target.value)}
          problem={originProblem}
          hint="For example https://app.example.com."
          spellCheck={false}
        />
      </Card>
      <Refused error={save.error} />
      <div>
        <Button type="submit" variant="primary" busy={save.isPending} disabled={Boolean(hostProblem ?? originProblem)}>
          Save
        </Button>
      </div>
    </form>
  );
}
