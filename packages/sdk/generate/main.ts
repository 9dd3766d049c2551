import { writeFileSync } from "node:fs";
import { contractText } from "./contract-text.ts";

for (const [name, text] of Object.entries(contractText()))
  writeFileSync(new URL(`../src/contract/${name}`, import.meta.url), text);
