import { seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, icon } from "./markup.ts";
import { prose } from "./prose.ts";

const columns = ["Order", "Customer", "Placed", "Items", "Total", "Status", "Carrier", "Actions"];

/** A back office's table: 500 rows of 8 columns, each with a check box, a link and three actions. */
export function tablePage(): string {
  const random = seededRandom(6);
  const { person, handle } = prose(random);

  function row(index: number): string {
    const order = `SO-${204_000 + index}`;
    const customer = person();
    const status = random.pick(["Paid", "Packed", "Shipped", "Refunded", "On hold"]);
    const cells = [
      `<label class="sr-only" for="pick-${index}">Select ${order}</label><input type="checkbox" id="pick-${index}"><a href="/orders/${random.token(12)}/detail?tab=summary&amp;from=table" class="${classes(random, 2)}">${order}</a>`,
      `<a href="/customers/${handle()}">${customer}</a>`,
      `<time datetime="2026-04-${String((index % 30) + 1).padStart(2, "0")}">${(index % 30) + 1} Apr 2026</time>`,
      `${random.integer(1, 24)}`,
      `€${random.integer(9, 2_400)}.${random.integer(10, 99)}`,
      `<span class="badge ${classes(random, 2)}">${icon(random)}<span>${status}</span></span>`,
      random.pick(["Northpost", "Swift Parcel", "Collect"]),
      `<div class="bar"><button type="button" aria-label="Edit ${order}" class="${classes(random)}">${icon(random)}</button><button type="button" class="${classes(random)}">Refund</button><button type="button" aria-haspopup="menu" aria-label="More actions for ${order}">${icon(random)}</button></div>`,
    ];
    return `<tr class="${classes(random)}" data-row-key="${random.token(16)}" aria-rowindex="${index + 2}">${cells.map((cell, column) => `<td class="${classes(random, 2)}" data-column="${columns[column]}"><div class="${classes(random, 1)}">${cell}</div></td>`).join("")}</tr>`;
  }

  return framed(random, {
    title: "Orders",
    site: "Back Office",
    styles: "table{border-collapse:collapse;width:100%}td{border-top:1px solid #eee;padding:4px}",
    main: `<div class="bar"><h1>Orders</h1><button type="button">Export</button><a href="/orders/new">New order</a></div>
<div class="bar" role="toolbar" aria-label="Table tools"><label for="filter">Filter orders</label><input id="filter" type="text" placeholder="Customer, order, carrier"><label for="state">Status</label><select id="state"><option>Any</option><option>Paid</option><option>Packed</option><option>Shipped</option><option>Refunded</option><option>On hold</option></select></div>
<table aria-label="Orders" aria-rowcount="501"><thead><tr>${columns.map((name) => `<th scope="col" aria-sort="none" class="${classes(random, 2)}">${name === "Actions" ? name : `<button type="button" class="${classes(random)}">${name}${icon(random)}</button>`}</th>`).join("")}</tr></thead>
<tbody>${Array.from({ length: 500 }, (_, index) => row(index)).join("\n")}</tbody></table>
<div class="bar"><label for="size">Rows per page</label><select id="size"><option>100</option><option selected>500</option></select><button type="button" disabled>Previous</button><button type="button">Next</button></div>`,
  });
}
