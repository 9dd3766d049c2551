import type { WebhookEndpointState } from "@stablehand/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Send, Trash2, Webhook } from "lucide-react";
import { useState } from "react";
import { formatNumber } from "../format.ts";
import { Badge } from "../parts/badge.tsx";
import { Button } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { Empty, Loaded, Refused, SkeletonRows } from "../parts/states.tsx";
import { Ago } from "../parts/time.tsx";
import { webhooksQuery } from "../queries.ts";
import { client } from "../session.ts";
import { CreateWebhook } from "./create-webhook.tsx";
import { Deliveries } from "./deliveries.tsx";

/** Where events are sent: make, try, look, delete. */
export function Webhooks() {
  const query = useQuery(webhooksQuery);
  const [isCreating, setCreating] = useState(false);
  const create = (
    <Button onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      Add an endpoint
    </Button>
  );
  return (
    <>
      <Card
        title="Endpoints"
        description={
          <>
            Each gets every end of a task, signed.{" "}
            <a className="underline" href="/docs/guide/webhooks">
              What is sent
            </a>
          </>
        }
        actions={create}
        padded={false}
      >
        <Loaded query={query} placeholder={<SkeletonRows rows={2} />}>
          {({ endpoints }) =>
            endpoints.length === 0 ? (
              <Empty icon={Webhook} title="No endpoint yet">
                Instead of asking again and again, your server can be told.
              </Empty>
            ) : (
              <ul className="divide-y border-t">
                {endpoints.map((endpoint) => (
                  <Endpoint key={endpoint.endpointId} endpoint={endpoint} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
      <CreateWebhook open={isCreating} onOpenChange={setCreating} />
    </>
  );
}

function Endpoint({ endpoint }: { readonly endpoint: WebhookEndpointState }) {
  const { endpointId, url, description, lastOutcome, lastAttemptAt, eventsLost, disabledAt } = endpoint;
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const refresh = () => queryClient.invalidateQueries(webhooksQuery);
  const test = useMutation({
    mutationFn: () => client.webhooks.test(endpointId),
    onSuccess() {
      setOpen(true);
      return refresh();
    },
  });
  const remove = useMutation({ mutationFn: () => client.webhooks.delete(endpointId), onSuccess: refresh });
  return (
    <li className="grid gap-3 px-5 py-4 [&>*]:min-w-0">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex items-center gap-2">
            <code className="min-w-0 truncate font-mono text-[13px]" title={url}>
              {url}
            </code>
            <EndpointStatus endpoint={endpoint} />
          </p>
          <p className="text-[13px] text-soft [overflow-wrap:anywhere]">
            {description && `${description} · `}
            {lastOutcome && lastAttemptAt ? (
              <>
                {lastOutcome}, <Ago at={lastAttemptAt} />
              </>
            ) : (
              "Nothing sent yet"
            )}
            {eventsLost > 0 && ` · ${formatNumber(eventsLost)} given up`}
          </p>
        </div>
        <div className="flex gap-2">
          <Button size="small" busy={test.isPending} disabled={disabledAt !== undefined} onClick={() => test.mutate()}>
            <Send aria-hidden />
            Test
          </Button>
          <Button size="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Deliveries
          </Button>
          <Button size="small" variant="quiet" aria-label={`Delete ${url}`} onClick={() => setDeleting(true)}>
            <Trash2 aria-hidden />
          </Button>
        </div>
      </div>
      <Refused error={test.error} />
      {isOpen && <Deliveries endpointId={endpointId} />}
      <Confirm
        open={isDeleting}
        onOpenChange={setDeleting}
        title="Delete the endpoint?"
        description={`Nothing more is sent to ${url}, and what still waits is dropped.`}
        action="Delete"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      />
    </li>
  );
}

function EndpointStatus({
  endpoint: { disabledAt, failingSince, lastDeliveryAt },
}: {
  readonly endpoint: WebhookEndpointState;
}) {
  if (disabledAt) return <Badge tone="bad">Off: it answered 410</Badge>;
  if (failingSince) return <Badge tone="bad">Failing</Badge>;
  return lastDeliveryAt ? <Badge tone="good">Working</Badge> : <Badge>New</Badge>;
}
