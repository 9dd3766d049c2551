// Loaded into the API before its own code by `--import`: one full garbage collection when asked, and only in the bench.
process.on("SIGUSR2", () => {
  (globalThis as { gc?: () => void }).gc?.(); // there with --expose-gc
  process.send?.({ type: "collected" });
});
