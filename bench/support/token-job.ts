import { articlePassage } from "../pages/article-page.ts";
import { thirdPostTitle } from "../pages/list-page.ts";
import { tokensOf } from "./token-count.ts";
import type { PlaywrightMcp } from "./token-mcp.ts";
import type { TokenSite } from "./token-site.ts";

/** What a job cost. */
export interface JobCost {
  readonly who: string;
  /** Tokens of each request's whole body, in order. */
  readonly requests: readonly number[];
}

/** The job as it is given to every agent: six actions, and the answer is on the last page only. */
export function jobText(site: TokenSite): string {
  return `Open ${site.urlOf("list")} and follow the third post. In the form it leads to, enter the e-mail address ${jobEmail} and the full name ${jobName}, and register. Then open the handbook and say where the spare key hangs.`;
}

/** What is typed into the form. */
export const jobEmail = "wanjiru@abara.example";
/** What is typed into the form. */
export const jobName = "Wanjiru Abara";
/** The text of the link to the article. */
export const handbookLink = "read the handbook";
/** Words that stand in the article's passage and nowhere else. */
export const passageWords = articlePassage.split(" ").slice(1, 3).join(" ");

/**
 * The job with Playwright MCP's tools, by a model that never errs.
 *
 * An action answers with the name of a file, so the page is asked for: after each action when `sparing` is false. A
 * sparing model asks only for what it needs next, and finds the passage with the search tool instead of reading the page.
 * No system prompt, no optional argument: an agent framework would send more.
 */
export async function mcpJob(mcp: PlaywrightMcp, site: TokenSite, sparing: boolean): Promise<JobCost> {
  const tools = mcp.tools.map(({ name, description, inputSchema }) => ({
    type: "function",
    function: { name, description, parameters: inputSchema },
  }));
  const messages: object[] = [{ role: "user", content: jobText(site) }];
  const requests: number[] = [];
  const send = () => requests.push(tokensOf(JSON.stringify({ model: "model", messages, tools })));

  async function call(name: string, input: Readonly<Record<string, unknown>>): Promise<string> {
    send();
    const id = `call_${requests.length}`;
    const content = await mcp.call(name, input);
    messages.push(
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id, type: "function", function: { name, arguments: JSON.stringify(input) } }],
      },
      { role: "tool", tool_call_id: id, content },
    );
    return content;
  }
  const snapshot = () => call("browser_snapshot", {});

  await call("browser_navigate", { url: site.urlOf("list") });
  const list = await snapshot();
  await call("browser_click", { target: refIn(list, `link "${thirdPostTitle}"`) });
  const form = await snapshot();
  await call("browser_type", { target: refIn(form, 'textbox "Email *"'), text: jobEmail });
  if (!sparing) await snapshot();
  await call("browser_type", { target: refIn(form, 'textbox "Full name *"'), text: jobName, submit: true });
  const sent = await snapshot();
  await call("browser_click", { target: refIn(sent, `link "${handbookLink}"`) });
  const article = sparing ? await call("browser_find", { text: passageWords }) : await snapshot();
  if (!article.includes("blue door")) throw new Error("the passage is not in what Playwright MCP's tools answered");
  send(); // and the model gives its answer
  return { who: `Playwright MCP, ${sparing ? "sparing" : "a snapshot after each action"}`, requests };
}

function refIn(snapshot: string, node: string): string {
  const line = snapshot.split("\n").find((one) => one.includes(node));
  const [, ref] = /\[ref=(\w+)\]/.exec(line ?? "") ?? [];
  if (!ref) throw new Error(`the snapshot has no ${node}`);
  return ref;
}
