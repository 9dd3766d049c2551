import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ListChecks } from "lucide-react";
import { Card } from "../parts/card.tsx";
import { Choice } from "../parts/field.tsx";
import { More } from "../parts/more.tsx";
import { NewTaskLink } from "../parts/new-task-link.tsx";
import { Page } from "../parts/page.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { Empty, Loaded, SkeletonRows } from "../parts/states.tsx";
import { sessionsQuery } from "../queries.ts";
import { SessionList } from "../tasks/session-list.tsx";

const route = getRouteApi("/signed-in/tasks");

const statuses = [
  ["", "Any status"],
  ["pending", "Waiting"],
  ["running", "Running"],
  ["completed", "Completed"],
  ["failed", "Failed"],
  ["cancelled", "Cancelled"],
] as const;
const kinds = [
  ["", "Any kind"],
  ["browse", "Agent tasks"],
  ["check", "Sign-in checks"],
  ["design", "Design extractions"],
] as const;

/** All sessions, the most recently active first, by end-user, status and kind. */
export function TasksPage() {
  const { endUser, status, kind } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(sessionsQuery({ endUserId: endUser, status, kind }));
  const sessions = query.data?.pages.flatMap((page) => page.sessions);
  const isFiltered = Boolean(endUser || status || kind);
  const filter = (change: { endUser?: string; status?: string; kind?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }) as typeof before, replace: true }); // read again by the route
  return (
    <Page
      title="Tasks"
      description="Each row is a session: tasks that follow each other, for one end-user."
      actions={<NewTaskLink />}
    >
      <Card padded={false}>
        <search className="flex flex-wrap gap-2 p-4">
          <SearchBox
            label="Only of this end-user"
            placeholder="End-user's id, exactly"
            value={endUser ?? ""}
            onSearch={(text) => filter({ endUser: text })}
          />
          <div className="grid w-full grid-cols-2 gap-2 sm:w-auto sm:grid-cols-[10rem_11rem]">
            <Choice
              label="Status of the latest task"
              hideLabel
              options={statuses}
              value={status ?? ""}
              onChange={(event) => filter({ status: event.target.value })}
            />
            <Choice
              label="Kind of the latest task"
              hideLabel
              options={kinds}
              value={kind ?? ""}
              onChange={(event) => filter({ kind: event.target.value })}
            />
          </div>
        </search>
        <Loaded query={query} placeholder={<SkeletonRows rows={8} />}>
          {() =>
            sessions?.length ? (
              <SessionList sessions={sessions} />
            ) : (
              <Empty icon={ListChecks} title={isFiltered ? "No session is like this" : "No task yet"}>
                {isFiltered
                  ? query.hasNextPage
                    ? "None among the latest ones: older sessions have not been looked through."
                    : "Choose another end-user, status or kind."
                  : "Tasks that are submitted here, or through the API, appear in this list."}
              </Empty>
            )
          }
        </Loaded>
        <More query={query} />
      </Card>
    </Page>
  );
}
