import { useSyncExternalStore } from "react";

/** Which scheme the page has: one of the two, or what the system says. */
export type Theme = "system" | "light" | "dark";

/** In the order of the menu. */
export const themes = ["system", "light", "dark"] as const satisfies readonly Theme[];

const key = "theme"; // public/theme.js reads it
const listeners = new Set<() => void>();

function read(): Theme {
  const stored = localStorage.getItem(key);
  return stored === "light" || stored === "dark" ? stored : "system";
}

function show(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset["theme"];
  else dataset["theme"] = theme;
}

/** Chooses the scheme, for this browser. */
export function setTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(key);
  else localStorage.setItem(key, theme);
  show(theme);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const onOtherTab = () => {
    show(read());
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", onOtherTab);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", onOtherTab);
  };
}

/** The chosen scheme, also when another tab chooses. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, read);
}
