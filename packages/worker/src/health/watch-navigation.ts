import type { Page, Request } from "playwright-core";

/** Where the main frame is: its address and the status of the last document that answered. */
export interface Whereabouts {
  readonly url: string;
  readonly status: number | null;
}

/** Follows a page's main frame from one address to the next. */
export interface NavigationWatch {
  /** Resolves once the main frame has been loading nothing, and stayed at one address, for `settleMs`; maybe never. */
  quiet(settleMs: number): Promise<Whereabouts>;
  /** True while nothing has moved away from `url` or is about to. */
  isAt(url: string): boolean;
}

/** Starts to follow `page`, before its first navigation. Ends with the page. */
export function watchNavigation(page: Page): NavigationWatch {
  const underWay = new Set<Request>();
  let status: number | null = null;
  let onChange: () => void = () => undefined;

  const isMain = (request: Request) => request.isNavigationRequest() && request.frame() === page.mainFrame();

  page.on("request", (request) => {
    if (!isMain(request)) return;
    underWay.add(request);
    onChange();
  });
  page.on("response", (response) => {
    if (isMain(response.request())) status = response.status();
  });
  const end = (request: Request) => {
    if (underWay.delete(request)) onChange();
  };
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  page.on("load", () => onChange()); // what a page does when it has loaded counts from there
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) onChange(); // also for a change of the address by script alone
  });

  function quiet(settleMs: number): Promise<Whereabouts> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      onChange = () => {
        clearTimeout(timer);
        if (underWay.size === 0) timer = setTimeout(() => resolve({ url: page.url(), status }), settleMs);
      };
      onChange();
    });
  }

  return { quiet, isAt: (url) => underWay.size === 0 && page.url() === url };
}
