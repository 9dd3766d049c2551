import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Notices } from "./parts/notices.tsx";
import { createQueryClient } from "./query-client.ts";
import { createDashboardRouter } from "./router.tsx";
import { forgetToken } from "./session.ts";
import { onOtherTab } from "./tabs-of-browser.ts";
import "./styles.css";

// Dialogs keep the page behind them from scrolling with a style element, which the policy takes by this.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
Object.assign(globalThis, { __webpack_nonce__: nonce });

const queryClient = createQueryClient(leave);
const router = createDashboardRouter(queryClient);

/** Leads to the sign-in, and from there back to this page. */
function leave(): void {
  forgetToken();
  queryClient.clear();
  if (router.state.location.pathname === "/sign-in") return;
  void router.navigate({ to: "/sign-in", search: { next: router.state.location.href }, replace: true });
}

onOtherTab((what) => {
  if (what === "signed-out") leave();
  else {
    forgetToken(); // it may be of somebody else
    queryClient.clear();
    const { pathname, search } = router.state.location;
    if (pathname === "/sign-in")
      router.history.replace(search.next ?? "/"); // it waited for this
    else void router.invalidate();
  }
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Notices />
    </QueryClientProvider>
  </StrictMode>,
);
