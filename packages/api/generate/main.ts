import { writeFileSync } from "node:fs";
import { ticketPageFiles } from "./ticket-page.ts";

for (const [name, text] of await ticketPageFiles()) writeFileSync(new URL(`../assets/${name}`, import.meta.url), text);
