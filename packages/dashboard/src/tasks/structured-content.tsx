import { CopyButton } from "../parts/copy-button.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { type Row, tableOf } from "./table-of.ts";

/** What a task answered by its schema: as a table where it is one, and as JSON. */
export function StructuredContent({ content }: { readonly content: unknown }) {
  const json = JSON.stringify(content, null, 2);
  const table = tableOf(content);
  const asJson = <CodeBlock text={json} what="the JSON" />;
  if (!table) return asJson;
  const columns = table.columns.map((title): Column<Row> => ({ title, cell: (row) => <Cell value={row[title]} /> }));
  return (
    <Tabs
      label="Structured result"
      tabs={[
        {
          id: "table",
          title: "Table",
          content: (
            <div className="overflow-hidden rounded-lg border">
              <Table label="Structured result" columns={columns} rows={table.rows} rowKey={(_, index) => index} />
            </div>
          ),
        },
        { id: "json", title: "JSON", content: asJson },
      ]}
    />
  );
}

function Cell({ value }: { readonly value: unknown }) {
  if (value === undefined || value === null) return <span className="text-soft">–</span>;
  if (typeof value === "object") return <code className="font-mono text-xs">{JSON.stringify(value)}</code>;
  return <span className="[overflow-wrap:anywhere]">{String(value)}</span>;
}

/** Text as it is, with a button that copies it. */
export function CodeBlock({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div className="relative">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-lg border bg-sunken p-4 pr-14 font-mono text-xs leading-5"
      >
        {text}
      </pre>
      <div className="absolute top-2 right-2 rounded-lg bg-sunken">
        <CopyButton text={text} what={what} />
      </div>
    </div>
  );
}
