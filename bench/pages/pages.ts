import { articlePage } from "./article-page.ts";
import { dialogPage } from "./dialog-page.ts";
import { feedPage } from "./feed-page.ts";
import { formPage } from "./form-page.ts";
import { listPage } from "./list-page.ts";
import { searchPage } from "./search-page.ts";
import { shopPage } from "./shop-page.ts";
import { tablePage } from "./table-page.ts";

/** One page that the views are measured on. */
export interface SavedPage {
  readonly name: string;
  /** The document: the same bytes on every run and machine. */
  html(): string;
}

/** Pages of the kinds that agents meet, written by ours: nothing on them is anybody's. */
export const savedPages: readonly SavedPage[] = [
  { name: "list", html: listPage },
  { name: "form", html: formPage },
  { name: "article", html: articlePage },
  { name: "feed", html: feedPage },
  { name: "shop", html: shopPage },
  { name: "table", html: tablePage },
  { name: "dialog", html: dialogPage },
  { name: "search", html: searchPage },
];
