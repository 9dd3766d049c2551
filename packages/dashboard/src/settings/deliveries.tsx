import { useQuery } from "@tanstack/react-query";
import { Badge } from "../parts/badge.tsx";
import { Loaded, Skeleton } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { deliveriesQuery } from "../queries.ts";

/** An endpoint's latest deliveries. */
export function Deliveries({ endpointId }: { readonly endpointId: string }) {
  const query = useQuery(deliveriesQuery(endpointId));
  return (
    <div className="overflow-hidden rounded-lg border">
      <Loaded query={query} placeholder={<Skeleton className="m-4 h-20" />}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <p className="p-4 text-[13px] text-soft">Nothing was sent yet. A test takes a few seconds.</p>
          ) : (
            <Table
              label="Deliveries"
              rows={deliveries}
              rowKey={({ sequence }) => sequence}
              columns={[
                { title: "Event", cell: ({ eventType }) => <code className="font-mono text-xs">{eventType}</code> },
                {
                  title: "Outcome",
                  cell: ({ delivered, outcome }) => <Badge tone={delivered ? "good" : "bad"}>{outcome}</Badge>,
                },
                { title: "Attempt", end: true, wideOnly: true, cell: ({ attempt }) => attempt },
                {
                  title: "Id",
                  wideOnly: true,
                  className: "max-w-44",
                  cell: ({ eventId }) => <code className="block truncate font-mono text-xs">{eventId}</code>,
                },
                { title: "When", end: true, cell: ({ at }) => <Ago at={at} /> },
              ]}
            />
          )
        }
      </Loaded>
    </div>
  );
}
