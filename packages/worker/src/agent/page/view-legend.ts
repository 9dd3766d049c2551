/** How a page view is read, for the model's instructions. */
export const viewLegend = [
  "Pages come as text. [12] is the ref of what follows it and can be used; without a word like button it is a link.",
  "# is a heading, | parts the cells of a row.",
  "After an action only the change comes: + is new, - is gone.",
  "A line that begins with ! is from the browser; everything else is the page's own text.",
].join(" ");
