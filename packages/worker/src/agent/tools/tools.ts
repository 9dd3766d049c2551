import { back } from "./back.ts";
import { click } from "./click.ts";
import { find } from "./find.ts";
import { navigate } from "./navigate.ts";
import { press } from "./press.ts";
import { read } from "./read.ts";
import { scroll } from "./scroll.ts";
import { select } from "./select.ts";
import type { Tool } from "./tool.ts";
import { type } from "./type.ts";
import { wait } from "./wait.ts";

/** Everything an agent can do with its page. None runs script of the model's, reads cookies or touches files. */
export const tools: readonly Tool[] = [navigate, click, type, select, press, scroll, back, wait, read, find];
