import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Of a column that a narrow window has no room for. */
  readonly wideOnly?: boolean;
  readonly end?: boolean;
  /** True when the title is only for whoever does not see the column, such as one of buttons. */
  readonly hideTitle?: boolean;
  readonly className?: string;
}

/** A table that goes from edge to edge of its card; wider than that, it scrolls in itself, also by keyboard. */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row, index: number) => string | number;
}) {
  const place = ({ wideOnly, end, className }: Column<Row>) =>
    classNames(
      "px-3 first:pl-5 last:pr-5",
      end ? "text-right" : "text-left",
      wideOnly && "hidden md:table-cell",
      className,
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="relative overflow-x-auto" tabIndex={0} aria-label={label}>
      <table className="w-full border-collapse">
        <thead>
          <tr className="border-b text-soft text-xs">
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                className={classNames("h-10 font-medium whitespace-nowrap", place(column))}
              >
                {column.hideTitle ? <span className="sr-only">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rows.map((row, index) => (
            <tr key={rowKey(row, index)} className="hover:bg-sunken">
              {columns.map((column) => (
                <td key={column.title} className={classNames("h-14 py-2", place(column))}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
