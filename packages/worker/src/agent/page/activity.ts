import type { Page, Request } from "playwright-core";

/** What a tab is loading, and since when nothing moved. */
export interface Activity {
  /** True from the start of a navigation of the main frame until its load event. */
  isLoading(): boolean;
  /** True once the document that is being loaded has begun to arrive. */
  hasArrived(): boolean;
  /** True while a request is under way that a script made since `mark`. */
  isFetching(): boolean;
  /** Since the last of these events, in ms. */
  calmMs(): number;
  /** From here on requests count for `isFetching`. */
  mark(): void;
}

const fetched = new Set(["xhr", "fetch", "script", "document"]);

/** Starts to watch `page`; ends with the page. */
export function watchActivity(page: Page): Activity {
  const navigations = new Set<Request>();
  let fetches = new Set<Request>();
  let loading = false;
  let arrived = true;
  let movedAt = performance.now();
  const move = () => {
    movedAt = performance.now();
  };

  page.on("request", (request) => {
    if (isMain(page, request)) {
      navigations.add(request);
      loading = true;
      arrived = false;
    } else if (fetched.has(request.resourceType())) fetches.add(request);
    else return;
    move();
  });
  const end = (request: Request, failed: boolean) => {
    if (fetches.delete(request)) move();
    if (!navigations.delete(request)) return;
    move();
    if (failed && navigations.size === 0) {
      loading = false; // aborted, a download, or an error that has no load event
      arrived = true;
    }
  };
  page.on("requestfinished", (request) => end(request, false));
  page.on("requestfailed", (request) => end(request, true));
  page.on("framenavigated", (frame) => {
    if (frame !== page.mainFrame()) return;
    arrived = true;
    move();
  });
  page.on("domcontentloaded", move);
  page.on("load", () => {
    if (navigations.size === 0 || arrived) loading = false;
    move();
  });

  return {
    isLoading: () => loading,
    hasArrived: () => arrived,
    isFetching: () => fetches.size > 0,
    calmMs: () => performance.now() - movedAt,
    mark() {
      fetches = new Set();
      move();
    },
  };
}

function isMain(page: Page, request: Request): boolean {
  if (!request.isNavigationRequest()) return false;
  try {
    return request.frame() === page.mainFrame();
  } catch {
    return true; // the first one of a new tab, which has no frame yet
  }
}
