import { type Html, type HtmlPart, html } from "./html.ts";

/** One part of the report: a heading that the navigation leads to, how much there is, and what it is. */
export function section(id: string, title: string, amount: string, content: HtmlPart): Html {
  return html`<section id="${id}"><header><h2>${title}</h2><p>${amount}</p></header>${content}</section>`;
}

/** Said where there is nothing to show. */
export function none(what: string): Html {
  return html`<p class="none">${what}</p>`;
}
