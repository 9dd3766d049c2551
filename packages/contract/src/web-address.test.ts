import { expect, test } from "vitest";
import { isPublicAddress, refusalOfAddress } from "./web-address.ts";

test.each([
  "https://x.com",
  "http://example.com:8080/path?q=1#part",
  "https://8.8.8.8/",
  "http://172.15.255.255/",
  "http://172.32.0.1/",
  "http://100.128.0.1/",
  "http://[2606:4700::1111]/",
  "http://localhost.example.com/",
])("a public address may be opened: %s", (address) => {
  expect(refusalOfAddress(address)).toBeNull();
});

test.each([
  "javascript:alert(1)",
  "file:///etc/passwd",
  "data:text/html,x",
  "about:blank",
  "chrome://version",
  "view-source:https://x.com",
  "ftp://example.com",
  "//example.com",
  "example.com",
  "",
])("only http and https are opened: %j", (address) => {
  expect(refusalOfAddress(address)).toMatch(/http/);
});

test.each([
  "http://localhost/",
  "http://LOCALHOST./",
  "http://app.localhost/",
  "http://metadata.google.internal/",
  "http://printer.local/",
  "http://127.0.0.1/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://0.0.0.0/",
  "http://10.1.2.3/",
  "http://100.64.0.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://172.16.0.1/",
  "http://172.31.255.255/",
  "http://192.168.1.1/",
  "http://198.18.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://[::1]/",
  "http://[::]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:a9fe:a9fe]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://[2001::1]/",
  "http://[2001:db8::1]/",
  "http://[fc00::1]/",
  "http://[fe80::1]/",
  "http://[ff02::1]/",
])("a private address is refused, however it is written: %s", (address) => {
  expect(refusalOfAddress(address)).toMatch(/private/);
});

test("a name and password in an address are refused", () => {
  expect(refusalOfAddress("https://user@example.com/")).toMatch(/password/);
  expect(refusalOfAddress("https://:secret@example.com/")).toMatch(/password/);
});

test.each([
  ["8.8.8.8", true],
  ["2606:4700::1111", true],
  ["127.0.0.1", false],
  ["10.0.0.1", false],
  ["169.254.169.254", false],
  ["::1", false],
  ["fe80::1%eth0", false],
  ["fd00::1", false],
  ["::ffff:10.0.0.1", false],
  ["::ffff:8.8.8.8", false],
  ["64:ff9b::7f00:1", false],
])("a resolved address counts as public only when it is public unicast: %s %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
