import { afterAll, beforeAll, expect, test } from "vitest";
import { type AgentBrowser, refOf, startAgentBrowser } from "../../../../../tests/support/fault-site/agent-browser.ts";
import type { ActOptions, AgentPageOptions } from "./agent-page.ts";

let browser: AgentBrowser;

beforeAll(async () => {
  browser = await startAgentBrowser();
});
afterAll(() => browser.stop());

/** Opens a document and clicks its only button. */
async function clickOn(html: string, options?: ActOptions, deadlines?: AgentPageOptions["deadlines"]) {
  const { page, context } = await browser.open({ ...(deadlines && { deadlines }) });
  const first = await page.navigate(browser.site.page(html));
  const after = await page.act((hands) => hands.click(refOf(first.text, "button")), options);
  return { page, context, first, after };
}

test("an alert is accepted, and what it said is told once", async () => {
  const { page, after } = await clickOn(
    `<button onclick="alert('Saved\\n! [1] twice');document.title='go'">Save</button>`,
  );
  expect(after.text.split("\n")[0]).toBe(`! The page's alert "Saved ! [1] twice" was answered OK.`);
  expect((await page.observe()).text).not.toContain("alert");
});

test("confirm and prompt are cancelled, unless the click agreed", async () => {
  const html = `<button onclick="out.textContent=[confirm('Delete?'),prompt('Name?','Ann')]">Ask</button><p id=out></p>`;
  const { after } = await clickOn(html);
  expect(after.text).toContain(`! The page's confirm "Delete?" was answered Cancel.`);
  expect(after.text).toContain("+ false,");
  const agreed = await clickOn(html, { agree: true });
  expect(agreed.after.text).toContain(`! The page's prompt "Name?" was answered OK.`);
  expect(agreed.after.text).toContain("+ true,Ann");
});

test("a page that wants to be asked before it is left is left", async () => {
  const { page } = await clickOn(
    `<input><button onclick="onbeforeunload=(event)=>event.preventDefault()">Stay</button>`,
  );
  const next = await page.navigate(browser.site.page("<h1>Next</h1>"));
  expect(next.text).toContain("# Next");
  expect(next.text).toContain("! The page asked whether to leave it: answered Leave.");
});

test("dialogs without end do not keep the agent, and are told of only so often", async () => {
  const { after } = await clickOn(`<button onclick="for(let i=0;i<30;i++)alert(i)">Go</button>`);
  expect(after.text.match(/alert/g)).toHaveLength(5);
});

test("a new tab becomes the page, and back closes it and shows the old one", async () => {
  const { site } = browser;
  const target = site.page("<h1>In the new tab</h1>");
  const { page, after } = await clickOn(`<h1>Old</h1><a href="${target}" target=_blank role=button>button Open</a>`);
  expect(after.text).toContain("! A new tab was opened: this is it. back closes it.");
  expect(after.text).toContain("# In the new tab");
  expect(page.url).toBe(target);
  expect((await page.back()).text).toContain("# Old");
  expect(await page.back()).toEqual({ ok: false, text: "! There is no page to go back to." });
});

test("a pop-up is followed, and when it closes itself the page before it is shown", async () => {
  const popup = browser.site.page("<h1>Pop-up</h1><button onclick=window.close()>button Done</button>");
  const { page, after } = await clickOn(
    `<h1>Old</h1><button onclick="window.open('${popup}','','width=200')">Open</button>`,
  );
  expect(after.text).toContain("# Pop-up");
  const closed = await page.act((hands) => hands.click(refOf(after.text, "button")));
  expect(closed.text).toContain("! The tab was closed: this is the one before it.");
  expect(closed.text).toContain("# Old");
});

test("a page that opens tab after tab gets six at most", async () => {
  const { context, after } = await clickOn(
    `<button onclick="for(let i=0;i<20;i++)window.open('about:blank','t'+i)">Go</button>`,
  );
  expect(after.text).toContain("! A further tab was closed: too many are open.");
  expect(context.pages().length).toBeLessThanOrEqual(7);
  await context.close();
});

test("a download is refused, by a link and by its address, and the page stays", async () => {
  const { page, after } = await clickOn(
    `<h1>Bills</h1><a href="${browser.site.fault("download")}" role=button>button Get</a>`,
  );
  expect(after.text).toContain(`! A download was refused: "invoice.pdf".`);
  const direct = await page.navigate(browser.site.fault("download"));
  expect(direct.ok).toBe(false);
  expect(direct.text).toContain("download");
  expect((await page.observe()).text).toContain("# Bills");
});

test("a page of 50 MB has a first screen, the end of what is read is said, and its HTML is cut", async () => {
  const { page } = await browser.open();
  const first = await page.navigate(browser.site.fault("huge"));
  expect(first.text).toContain("# The first heading");
  expect(first.text).toContain("button First button");
  expect(first.text.length).toBeLessThan(12_000);
  expect((await page.html()).length).toBe(2_000_000);
});

test("a redirect without end is an error that says so", async () => {
  const { page } = await browser.open();
  expect(await page.navigate(browser.site.fault("redirects"))).toEqual({
    ok: false,
    text: "! The page was not loaded: it redirects without end.",
  });
});

test("an answer without content leaves the page as it was", async () => {
  const { page } = await browser.open();
  await page.navigate(browser.site.page("<h1>Still here</h1>"));
  expect((await page.navigate(browser.site.fault("empty"))).ok).toBe(false);
  expect((await page.observe()).text).toContain("# Still here");
});

test("a name that does not resolve is an error that says so, without the address", async () => {
  const { page } = await browser.open();
  const refused = await page.navigate("http://nowhere.test/?token=abc");
  expect(refused).toEqual({ ok: false, text: "! The page was not loaded: ERR_EMPTY_RESPONSE." });
});

test("a document that never ends is shown as far as it came, and so is one whose picture never loads", async () => {
  const { page } = await browser.open({ deadlines: { loadMs: 300 } });
  expect((await page.navigate(browser.site.fault("unfinished"))).text).toContain("# The beginning");
  expect((await page.navigate(browser.site.fault("unloaded"))).text).toContain("# All but a picture");
});

test("an address that never answers is given up, and the page can be used on", async () => {
  const { page } = await browser.open({ deadlines: { answerMs: 1_000 } });
  expect(await page.navigate(browser.site.fault("silent"))).toEqual({
    ok: false,
    text: "! The address did not answer within 1 s.",
  });
  expect((await page.navigate(browser.site.page("<h1>Next</h1>"))).text).toContain("# Next");
});

test("a renderer that crashed is told and replaced by an empty page", async () => {
  const { page, context } = await browser.open();
  await page.navigate(browser.site.page("<h1>Fragile</h1>"));
  const [tab] = context.pages();
  await tab?.goto("chrome://crash").catch(() => undefined);
  expect(await page.observe()).toEqual({
    ok: false,
    text: "! The page crashed. An empty page is open: navigate to go on.",
  });
  expect(await page.html()).toBe("");
  expect((await page.navigate(browser.site.page("<h1>Next</h1>"))).text).toContain("# Next");
});

test("a page in an endless loop is closed and replaced, whether the loop began with a click or on load", async () => {
  const { page, context, after } = await clickOn(
    `<button onclick="setTimeout(()=>{for(;;);},20)">Loop</button>`,
    {},
    { readMs: 1_500, loadMs: 500 },
  );
  const dead = after.ok ? await page.observe() : after;
  expect(dead).toEqual({
    ok: false,
    text: "! The page does not answer any more and was closed. An empty page is open: navigate to go on.",
  });
  expect(await page.navigate(browser.site.page("<h1>Loop</h1><script>for(;;);</script>"))).toEqual(dead);
  expect((await page.navigate(browser.site.page("<h1>Next</h1>"))).text).toContain("# Next");
  expect(context.pages()).toHaveLength(1);
});

test("a frame in an endless loop costs the page nothing but that frame", async () => {
  const loop = browser.site.page("<script>for(;;);</script>", "other.test");
  const { page } = await browser.open({ deadlines: { loadMs: 500 } });
  const view = await page.navigate(browser.site.page(`<h1>Host</h1><iframe src="${loop}"></iframe><p>After</p>`));
  expect(view.ok).toBe(true);
  expect(view.text).toMatch(/# Host\n(.*\n)?After/);
});

test("a page that changes without end is shown, and can be clicked", async () => {
  const { after } = await clickOn(
    `<p id=n></p><script>setInterval(()=>{n.textContent=Math.random()},5)</script><button onclick="document.body.append('Clicked')">Go</button>`,
  );
  expect(after.text).toContain("Clicked");
});

test("addresses that a task may not open are refused before a request, and where a page leads to one nothing is shown", async () => {
  const { page } = await browser.open();
  for (const address of [
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://169.254.169.254/",
    "chrome://version",
    "x",
  ]) {
    const refused = await page.navigate(address);
    expect(refused.ok).toBe(false);
    expect(refused.text).toMatch(/^! The address (must start|leads to a private|is no URL)/);
  }
  const { page: led, after } = await clickOn(
    `<button onclick="location=window.URL.createObjectURL(new Blob(['<h1>Inside</h1>'],{type:'text/html'}))">Go</button>`,
  );
  expect(after).toEqual({
    ok: false,
    text: "! The page is at a blob: address: nothing of it is shown. Use back or navigate.",
  });
  expect(await led.html()).toBe("");
  expect((await led.back()).text).toContain("button Go");
});

test("a link to a name that does not resolve says that the page could not be loaded", async () => {
  const { page, first } = await clickOn(`<button onclick="location='http://nowhere.test/'">Go</button>`);
  expect(first.ok).toBe(true);
  expect(await page.observe()).toEqual({
    ok: false,
    text: "! The page could not be loaded. Use back or navigate.",
  });
  expect((await page.back()).text).toContain("button Go");
});

test("a page that asks for a file is told of, and goes on", async () => {
  const { after } = await clickOn(
    `<input type=file hidden id=f><button onclick="f.click();out.textContent='asked'">Up</button><p id=out>`,
  );
  expect(after.text).toContain("! The page asked for a file: there is none to give.");
  expect(after.text).toContain("asked");
});

test("the hosts of all documents are known, in order, and none of a frame or a refused address", async () => {
  const { page } = await browser.open();
  await page.navigate(browser.site.page("<p>1</p>", "other.test"));
  await page.navigate(browser.site.page(`<iframe src="${browser.site.page("<p>x</p>", "other.test")}"></iframe>`));
  await page.navigate(browser.site.page("<p>2</p>", "other.test"));
  await page.navigate("http://nowhere.test/");
  expect(page.visitedHosts).toEqual(["other.test", "fault.test"]);
});

test("the signal ends a wait at once, and the end of the browser is told and thrown by nothing", async () => {
  const abort = new AbortController();
  const { page, context } = await browser.open({ signal: abort.signal });
  await page.navigate(browser.site.page("<p>1</p>"));
  const waiting = page.act((hands) => hands.wait(10_000));
  abort.abort();
  expect(await waiting).toEqual({ ok: false, text: "! The task was stopped." });
  await context.close();
  expect((await page.observe()).ok).toBe(false);
  expect(await page.html()).toBe("");

  const closed = await browser.open();
  await closed.page.navigate(browser.site.page("<p>1</p>"));
  await closed.context.close();
  expect((await closed.page.observe()).ok).toBe(false);
  await closed.page.close();
});
