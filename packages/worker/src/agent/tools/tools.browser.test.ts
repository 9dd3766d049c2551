import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AgentBrowser, refOf, startAgentBrowser } from "../../../../../tests/support/fault-site/agent-browser.ts";
import type { AgentPage } from "../page/agent-page.ts";
import type { Observation } from "./tool.ts";
import { tools } from "./tools.ts";

let browser: AgentBrowser;

beforeAll(async () => {
  browser = await startAgentBrowser();
});
afterAll(() => browser.stop());

/** Calls a tool as the agent's loop does: by name, with checked input. */
function use(page: AgentPage, name: string, input: object = {}): Promise<Observation> {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.handle(page, tool.inputSchema.parse(input));
}

async function openAt(html: string) {
  const { page, context } = await browser.open();
  const { text } = await use(page, "navigate", { url: browser.site.page(html) });
  return { page, context, text, ref: (name: string) => refOf(text, name) };
}

describe("click", () => {
  test("is a real one: trusted, with the mouse's events before it", async () => {
    const { page, ref } = await openAt(`<button>Go</button><p id=log></p><script>
      for (const type of ["mousemove", "mousedown", "mouseup", "click"])
        document.querySelector("button").addEventListener(type, (event) => { log.textContent += type + event.isTrusted + " " })</script>`);
    const { text } = await use(page, "click", { ref: ref("button Go") });
    expect(text).toBe("+ mousemovetrue mousedowntrue mouseuptrue clicktrue");
  });

  test("tells only what changed, and that nothing did", async () => {
    const { page, ref } = await openAt(`<h1>Cart</h1><p id=n>0 items</p><p>Free shipping</p>
      <button onclick="n.textContent='1 item'">Add</button><button>Idle</button>`);
    expect((await use(page, "click", { ref: ref("button Add") })).text).toBe("- 0 items\n+ 1 item");
    expect((await use(page, "click", { ref: ref("button Idle") })).text).toBe("! Nothing visible changed");
  });

  test("waits for what the click fetches, and for the page it leads to", async () => {
    const { page, ref } =
      await openAt(`<button onclick="fetch('/echo/slow').then(r=>r.text()).then(t=>out.textContent=t.length)">Load</button>
      <p id=out></p><a href="/echo/next">Next</a>`);
    expect((await use(page, "click", { ref: ref("button Load") })).text).toMatch(/^\+ \d+$/m);
    const { text } = await use(page, "click", { ref: ref("Next") });
    expect(text).toBe('! http://fault.test/echo/next "Echo"\n# Received\n/echo/next');
  });

  test("reaches what has to be scrolled to, inside a box that scrolls and inside frames of both kinds", async () => {
    const button = `<div style="height:3000px"></div><button onclick="this.textContent='Pressed'">Far</button>`;
    const inner = browser.site.page(button, "other.test");
    const middle = browser.site.page(
      `<div style="height:900px"></div><iframe src="${inner}" style="border:7px solid;padding:3px"></iframe>`,
    );
    const { page, text } = await openAt(`<div style="height:200px;overflow:auto">${button}</div>
      <div style="height:2000px"></div><iframe src="${middle}" width=400 height=200></iframe>`);
    const refs = [...text.matchAll(/\[(\d+)\] button Far/g)].map(([, ref]) => Number(ref));
    expect(refs).toHaveLength(2);
    for (const ref of refs) expect((await use(page, "click", { ref })).text).toContain(`+ [${ref}] button Pressed`);
  });

  test("that cannot be is refused with the reason: gone, disabled, covered, a file, never shown", async () => {
    const { page, ref } = await openAt(`<button onclick="this.remove()">Once</button><button disabled>Off</button>
      <button id=under style="position:absolute;top:200px">Under</button><input type=file aria-label=Upload>
      <div style="position:fixed;inset:150px 0 0 0;background:#fff" aria-label="Cookie wall" role=dialog></div>`);
    const said = async (number: number) => (await use(page, "click", { ref: number })).text;
    await said(ref("button Once"));
    expect(await said(ref("button Once"))).toBe(
      `! [${ref("button Once")}] is no longer on the page: use the refs of the newest view.`,
    );
    expect(await said(ref("button Off"))).toContain("is disabled");
    expect(await said(ref("button Under"))).toContain('is covered by <div> "Cookie wall": close or finish that first.');
    expect(await said(ref("file field Upload"))).toContain("takes a file, and there are no files to give");
    for (const number of [999, -1, 1.5]) expect(await said(number)).toContain(`[${number}] does not exist`);
  });

  test("on a ref of the page before is refused, whatever the new page has", async () => {
    const { page, ref } = await openAt("<button>A</button>");
    const next = await use(page, "navigate", { url: browser.site.page("<button>B</button>") });
    expect(refOf(next.text, "button B")).not.toBe(ref("button A"));
    expect((await use(page, "click", { ref: ref("button A") })).ok).toBe(false);
  });

  test("on an element that moved and changed its text still finds it by the same ref", async () => {
    const { page, ref } = await openAt(
      `<div id=a><button onclick="b.append(this);this.textContent='Moved'">Move</button></div><p>x</p><div id=b></div>`,
    );
    expect((await use(page, "click", { ref: ref("button Move") })).text).toContain(
      `+ [${ref("button Move")}] button Moved`,
    );
    expect((await use(page, "find", { text: "moved" })).text).toBe(`[${ref("button Move")}] button Moved`);
  });

  test("checks a box, also through its label, and picks a radio button", async () => {
    const { page, ref } = await openAt(`<label><input type=checkbox> Terms</label>
      <input type=checkbox id=c style="opacity:0;position:absolute"><label for=c style="padding:20px">Styled</label>
      <label><input type=radio name=r> One</label>`);
    for (const name of ["checkbox Terms", "checkbox Styled", "radio One"])
      expect((await use(page, "click", { ref: ref(name) })).text).toContain(`[${ref(name)}] ${name} (checked)`);
  });
});

describe("type", () => {
  test("replaces a field's text with keys, and submit sends the form", async () => {
    const { page, ref } = await openAt(
      `<form action="/echo"><input name=q aria-label=Search value=old><input type=hidden name=h value=1></form>`,
    );
    expect((await use(page, "type", { ref: ref("field Search"), text: "grüße & 1" })).text).toBe(
      `+ [${ref("field Search")}] field Search: "grüße & 1"`,
    );
    const sent = await use(page, "type", { ref: ref("field Search"), text: "new", submit: true });
    expect(sent.text).toContain("/echo?q=new&h=1");
  });

  test("fills long text with line breaks, editable regions, numbers, dates and empties fields", async () => {
    const { page, ref } =
      await openAt(`<textarea aria-label=Note></textarea><div contenteditable aria-label=Post><p>draft</p></div>
      <input type=number aria-label=Age value=7><input type=date aria-label=Day><input aria-label=Full value=text>`);
    const typed = async (name: string, text: string) => (await use(page, "type", { ref: ref(name), text })).text;
    expect(await typed("field Note", `first\nsecond ${"x".repeat(150)}`)).toContain('field Note: "first second xxx');
    expect(await typed("field Post", "Hello there")).toContain('field Post: "Hello there"');
    expect(await typed("number field Age", "42")).toContain('number field Age: "42"');
    expect(await typed("date field Day", "2026-11-24")).toContain('date field Day: "2026-11-24"');
    expect(await typed("date field Day", "24.11.2026")).toContain(
      "does not take this value: it must look like 2026-01-31",
    );
    expect(await typed("field Full", "")).toBe(`+ [${ref("field Full")}] field Full`);
  });

  test("into what is no field, read-only or a list is refused with the reason", async () => {
    const { page, ref } = await openAt(
      `<button>B</button><input readonly aria-label=R><select aria-label=S><option>1</select><input type=checkbox aria-label=C>`,
    );
    const said = async (name: string) => (await use(page, "type", { ref: ref(name), text: "x" })).text;
    expect(await said("button B")).toContain("is not a field");
    expect(await said("field R")).toContain("is read-only");
    expect(await said("select S")).toContain("is a list: use select");
    expect(await said("checkbox C")).toContain("is to be clicked, not typed into");
  });

  test("a password can be typed and is not shown", async () => {
    const { page, ref } = await openAt("<input type=password aria-label=Password>");
    const { text } = await use(page, "type", { ref: ref("password field Password"), text: "hunter2" });
    expect(text).toBe(`+ [${ref("password field Password")}] password field Password: (filled)`);
  });
});

test("select chooses by text, in any case, by part if that is clear, and names the options when there is none", async () => {
  const { page, ref } =
    await openAt(`<select aria-label=Land onchange="out.textContent=this.value"><option value=a>Austria<option value=d>Germany
    <option value=g>Greece<option value=x disabled>Nowhere</select><p id=out></p>`);
  const chosen = async (option: string) => (await use(page, "select", { ref: ref("select Land"), option })).text;
  expect(await chosen("germany")).toMatch(/"Germany".*\n(\+ )?d$/);
  expect(await chosen("Gree")).toMatch(/"Greece".*\n(\+ )?g$/);
  expect(await chosen("Nowhere")).toBe(
    `! [${ref("select Land")}] has no single option "Nowhere". It has: Austria, Germany, Greece.`,
  );
});

test("press sends keys to where the focus is, and a name that is none is refused", async () => {
  const { page, ref } = await openAt(`<input aria-label=F onkeydown="out.textContent+=event.key+' '"><p id=out></p>`);
  await use(page, "click", { ref: ref("field F") });
  expect((await use(page, "press", { key: "ArrowDown" })).text).toBe("+ ArrowDown");
  expect((await use(page, "press", { key: "Control+a" })).text).toContain("+ ArrowDown Control a");
  expect(await use(page, "press", { key: "Launch" })).toEqual({
    ok: false,
    text: "! There is no such key: use names like Enter, Tab, Escape, PageDown, a.",
  });
});

test("scroll makes a list load more, and tells the new lines", async () => {
  const { page } = await openAt(`<div id=list></div><script>
    const more = () => { for (let i = 0; i < 30; i++) list.insertAdjacentHTML("beforeend", "<p style='height:80px'>Entry " + list.children.length + "</p>") };
    more(); let times = 0; addEventListener("scroll", () => { if (times++ === 0) more() })</script>`);
  const { text } = await use(page, "scroll", { direction: "down" });
  expect(text.split("\n").filter((line) => line.startsWith("+ Entry"))).toHaveLength(30);
});

test("wait ends when the text is there, long before its seconds are over", async () => {
  const { page } = await openAt(`<p id=n>Working</p><script>setTimeout(()=>{n.textContent="All  Done"},800)</script>`);
  const startedAt = performance.now();
  expect((await use(page, "wait", { seconds: 10, text: "all done" })).text).toContain("All Done");
  expect(performance.now() - startedAt).toBeLessThan(9_000);
});

test("find shows the lines with a text, or with all its words, wherever they are", async () => {
  const { page } = await openAt(
    `${"<p>Filler line of text</p><p>Other</p>".repeat(500)}<p>The spare <a href=/k>key</a> is <b>behind</b> the door</p>`,
  );
  for (const text of ["KEY is behind", "door spare"])
    expect((await use(page, "find", { text })).text).toMatch(/^The spare \[\d+\] key is behind the door$/);
  expect((await use(page, "find", { text: "no such thing" })).text).toContain("No line has this text");
  expect((await use(page, "find", { text: "filler" })).text).toMatch(/! \d+ more lines have it/);
});

test("back goes to the page before, and read on a page of one screen says that this is all", async () => {
  const { page } = await openAt("<h1>First</h1>");
  await use(page, "navigate", { url: browser.site.page("<h1>Second</h1>") });
  expect((await use(page, "back")).text).toContain("# First");
  expect((await use(page, "read")).text).toContain("! The page has no more to read");
});

test("a link into the page shows the page from there", async () => {
  const { page, ref } = await openAt(
    `<a href="#end">Jump</a>${"<p>line one</p><p>line two</p>".repeat(300)}<h2 id=end>The end</h2><p>Last words</p><div style="height:2000px"></div>`,
  );
  expect((await use(page, "click", { ref: ref("Jump") })).text).toContain("## The end\nLast words");
});
