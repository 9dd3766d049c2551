/** The guide's style sheet, which stands in every page: a page loads nothing else. */
export const guideStyle = `
:root { color-scheme: light dark; --line: #8884; --link: light-dark(#0550ae, #79b8ff); }
* { box-sizing: border-box; }
body { margin: 0; display: flex; flex-wrap: wrap; font: 16px/1.6 system-ui, sans-serif; }
nav { flex: 0 0 15rem; padding: 1.5rem; border-right: 1px solid var(--line); font-size: 0.9rem; }
nav h2 { margin: 1rem 0 0.25rem; font-size: 0.75rem; text-transform: uppercase; letter-spacing: 0.06em; opacity: 0.7; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { text-decoration: none; }
nav a[aria-current] { font-weight: 700; }
main { flex: 1 1 30rem; min-width: 0; max-width: 52rem; padding: 1.5rem 2.5rem 4rem; }
a { color: var(--link); }
code { font: 0.88em/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 6px; }
table { display: block; overflow-x: auto; border-collapse: collapse; }
th, td { padding: 0.35rem 0.7rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
blockquote { margin-left: 0; padding-left: 1rem; border-left: 3px solid var(--line); }
`;
