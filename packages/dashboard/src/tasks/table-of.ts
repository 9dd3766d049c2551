/** One line of a table, by column. */
export type Row = Readonly<Record<string, unknown>>;

const columnsMax = 12;

/**
 * Rows and columns of a task's answer; null when it is no table.
 *
 * A list of objects is one, an object that holds just one such list, and a plain object as its one row.
 */
export function tableOf(
  content: unknown,
): { readonly columns: readonly string[]; readonly rows: readonly Row[] } | null {
  const rows = rowsOf(content);
  if (!rows || rows.length === 0) return null;
  const columns = [...new Set(rows.flatMap(Object.keys))];
  return columns.length > 0 && columns.length <= columnsMax ? { columns, rows } : null;
}

function rowsOf(content: unknown): readonly Row[] | null {
  if (Array.isArray(content)) {
    if (content.every(isRow)) return content;
    return content.every((item) => typeof item !== "object" || item === null)
      ? content.map((value) => ({ value }))
      : null;
  }
  if (!isRow(content)) return null;
  const lists = Object.values(content).filter((value) => Array.isArray(value) && value.every(isRow));
  return Object.keys(content).length === 1 && lists.length === 1 ? rowsOf(lists[0]) : [content];
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
