import { expect, test } from "vitest";
import { withoutMarks } from "./svg-text.ts";

test.each([
  [
    '<svg data-nth="1" aria-label="a > b" class="c"><path d="M0 0"></path></svg>',
    '<svg class="c"><path d="M0 0"></path></svg>',
  ],
  ['<svg class="a data-b"><path data-x d="M0 0"/></svg>', '<svg class="a data-b"><path d="M0 0"/></svg>'],
  ['<svg><text>say data-x="1"</text></svg>', '<svg><text>say data-x="1"</text></svg>'],
  ["<svg data-x='1'></svg>", "<svg data-x='1'></svg>"],
])("marks are taken from the tags of %s, and nothing else is", (markup, bare) => {
  expect(withoutMarks(markup)).toBe(bare);
});

test("tags that do not end are passed over as fast as others", () => {
  const endless = `<svg><!--${"<a x ".repeat(100_000)}"--></svg>`;
  expect(withoutMarks(endless)).toBe(endless);
});
