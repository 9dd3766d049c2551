import { expect, test } from "vitest";
import { launchFlags } from "./launch-flags.ts";

test("UDP past the proxy is forbidden to full Chromium and to the headless shell, which obey different flags", () => {
  const flags: string[] = launchFlags.map(([flag]) => flag);
  expect(flags).toContain("--webrtc-ip-handling-policy=disable_non_proxied_udp");
  expect(flags).toContain("--force-webrtc-ip-handling-policy=disable_non_proxied_udp");
});

test("a browser outside a cage knows no proxy that exists and no name", () => {
  const flags: string[] = launchFlags.map(([flag]) => flag);
  expect(flags).toContain("--proxy-server=http://nowhere.invalid:9");
  expect(flags).toContain("--proxy-bypass-list=<-loopback>");
  expect(flags).toContain("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
});
