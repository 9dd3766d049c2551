import type { AgentPage } from "../../../packages/worker/src/agent/page/agent-page.ts";
import type { Observation } from "../../../packages/worker/src/agent/tools/tool.ts";

/** A page without a browser, for tests of what surrounds one. */
export interface FakePage extends AgentPage {
  /** Everything it was told to do. */
  readonly done: readonly string[];
}

/** What the fake shows at each address; anything else cannot be opened. */
export type FakeSite = Readonly<Record<string, string>>;

/** Opens a page that shows fixed texts. An action changes nothing; it is not even called. */
export function openFakePage(site: FakeSite): FakePage {
  const done: string[] = [];
  const hosts = new Set<string>();
  let url = "";
  const show = (): Observation => ({ ok: true, text: site[url] ?? "(empty page)" });
  const note = (what: string, observation: Observation): Promise<Observation> => {
    done.push(what);
    return Promise.resolve(observation);
  };
  return {
    done,
    get url() {
      return url;
    },
    get visitedHosts() {
      return [...hosts];
    },
    observe: () => note("observe", show()),
    navigate(address) {
      if (site[address] === undefined) return note(`navigate ${address}`, { ok: false, text: "ADDRESS_UNREACHABLE" });
      url = address;
      hosts.add(new URL(address).hostname);
      return note(`navigate ${address}`, show());
    },
    back: () => note("back", { ok: false, text: "There is no page to go back to." }),
    act: () => note("act", { ok: true, text: "(nothing visible changed)" }),
    read: () => note("read", { ok: true, text: "(the page has no more to read)" }),
    find: (text) =>
      note(`find ${text}`, { ok: true, text: (site[url] ?? "").split("\n").find((line) => line.includes(text)) ?? "" }),
    html: () => Promise.resolve(`<p>${site[url] ?? ""}</p>`),
    close: () => Promise.resolve(),
  };
}
