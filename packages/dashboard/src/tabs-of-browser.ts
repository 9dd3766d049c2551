/** What one tab tells the others. */
export type TabNews = "signed-in" | "signed-out";

const channel = new BroadcastChannel("stablehand-session");

/** Tells the other tabs of this browser. */
export function tellOtherTabs(news: TabNews): void {
  channel.postMessage(news);
}

/** Calls `listener` with what another tab tells. */
export function onOtherTab(listener: (news: TabNews) => void): void {
  channel.addEventListener("message", ({ data }: MessageEvent<TabNews>) => listener(data));
}
