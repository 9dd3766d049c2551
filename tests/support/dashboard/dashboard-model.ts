import type { FakeAnswer, FakeRequest } from "../fake-model/fake-model.ts";
import { feedPosts } from "../fake-platforms/pages.ts";

/** Markup that would make `window.pwned` true wherever it became part of a page. */
export const hostile = `<img src=x onerror="window.pwned=true"><script>window.pwned=true</script><b id="pwned">bold</b>`;

/** What a task says to make the model go this way; anything else reads the feed. */
export const prompts = {
  read: "Read the newest posts of my feed on X, and say what they are about",
  followUp: "Which of them is liked the most?",
  /** Opens a page, then the model never answers. */
  hold: "Keep watching the feed",
  /** Answers with markup, in words and in data. */
  hostile: `Say ${hostile}`,
} as const;

/** The agent of the dashboard's tests: it takes two steps, and knows what the fake feed shows. */
export function answerFor({ body }: FakeRequest): FakeAnswer {
  const { messages = [] } = JSON.parse(body) as { messages?: { role: string; content: unknown }[] }; // as OpenAI has it
  const isFirst = !messages.some(({ role }) => role === "tool");
  const said = JSON.stringify(messages);
  if (isFirst)
    return {
      text: "The feed is on the home page.",
      calls: [
        { name: "use_account", input: { platform: "twitter" } },
        { name: "navigate", input: { url: "https://x.com/home" } },
      ],
    };
  if (said.includes(prompts.hold)) return { hang: true };
  const asksForData = body.includes('"data"');
  if (said.includes("window.pwned"))
    return {
      calls: [
        {
          name: "done",
          input: { result: `Here: ${hostile}`, ...(asksForData && { data: [{ author: hostile, text: hostile }] }) },
        },
      ],
    };
  const result = said.includes(prompts.followUp)
    ? "pia's post about moving the database on a Friday, with 1,204 likes."
    : "Your feed has four new posts: a harbour at dawn, a second attempt at rye bread, a database that was moved on a Friday, and a search for a bassist.";
  return { calls: [{ name: "done", input: { result, ...(asksForData && { data: feedPosts }) } }] };
}
