// Before the first paint, so that a chosen scheme does not flash: see src/parts/theme.ts, which writes it.
const chosen = localStorage.getItem("theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
