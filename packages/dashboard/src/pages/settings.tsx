import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { formatMonth, formatNumber } from "../format.ts";
import { Card } from "../parts/card.tsx";
import { Page } from "../parts/page.tsx";
import { Loaded, Skeleton } from "../parts/states.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { settingsQuery, usageQuery } from "../queries.ts";
import { HostSettings } from "../settings/host-settings.tsx";
import { Webhooks } from "../settings/webhooks.tsx";
import { Facts } from "../tasks/facts.tsx";

/** What is set for the whole business. */
export function SettingsPage() {
  return (
    <Page title="Settings" description="For the whole business: webhooks, the hosts that tasks reach, limits.">
      <Tabs
        label="Settings"
        tabs={[
          { id: "webhooks", title: "Webhooks", content: <Webhooks /> },
          { id: "hosts", title: "Hosts", content: <Hosts /> },
          { id: "limits", title: "Limits", content: <Limits /> },
        ]}
      />
    </Page>
  );
}

function Hosts() {
  const query = useQuery(settingsQuery);
  return (
    <Loaded query={query} placeholder={<Skeleton className="h-96 rounded-xl" />}>
      {(settings) => <HostSettings settings={settings} />}
    </Loaded>
  );
}

function Limits() {
  const query = useQuery(usageQuery);
  const value = (text: ReactNode) => <span className="text-sm">{text}</span>;
  return (
    <Card
      title="Rate and quota"
      description="Set by whoever runs this server, with MONTHLY_TASK_LIMIT and RATE_LIMIT_PER_SECOND."
    >
      <Loaded query={query} placeholder={<Skeleton className="h-36" />}>
        {({ month, used, limit, requestsPerSecond, inputTokens, outputTokens, modelCalls }) => (
          <Facts
            facts={[
              ["Tasks a month", value(limit === null ? "No limit" : formatNumber(limit))],
              [`Used in ${formatMonth(month)}`, value(formatNumber(used))],
              [
                "Requests a second",
                value(
                  requestsPerSecond === null ? "No limit" : `${formatNumber(requestsPerSecond)}, on each API process`,
                ),
              ],
              ["Tokens this month", value(`${formatNumber(inputTokens)} in, ${formatNumber(outputTokens)} out`)],
              ["Model calls", value(formatNumber(modelCalls))],
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
