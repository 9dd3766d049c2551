import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Lets the font be fetched with the page's script and not only after its styles: it is then there for the first paint. */
const preloadFont: Plugin = {
  name: "preload-font",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle = {} }) =>
      Object.keys(bundle)
        .filter((file) => file.endsWith(".woff2"))
        .map((file) => ({
          tag: "link",
          attrs: { rel: "preload", as: "font", type: "font/woff2", href: `/${file}`, crossorigin: true },
          injectTo: "head-prepend",
        })),
  },
};

const api = "http://127.0.0.1:8787";

export default defineConfig({
  root: here("."),
  plugins: [react(), tailwindcss(), preloadFont],
  resolve: { alias: { "@stablehand/sdk": here("../sdk/src/index.ts") } },
  build: {
    target: ["chrome123", "firefox128", "safari17.5"], // `light-dark()`, which the colours are written with
    assetsInlineLimit: 0, // a data: address would need a wider policy
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
    chunkSizeWarningLimit: 600,
  },
  // `npm run dev -w packages/dashboard` beside a running server, whose PUBLIC_URL is then that of this one.
  server: { port: 8788, strictPort: true, proxy: { "/v1": api, "/auth": api } },
});
