/** The report's own style. Its colours stay in the background: those that are looked at are the page's. */
export const reportStyle = `
:root{color-scheme:light dark;--ground:light-dark(#fafaf8,#121314);--card:light-dark(#fff,#1b1d1f);--line:light-dark(#e4e3df,#2e3134);
--ink:light-dark(#17181a,#eceae6);--soft:light-dark(#62646a,#a2a5ab);--good:light-dark(#0b6b3a,#6fd39b);--bad:light-dark(#b3261e,#ff9a90);
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
:root:has(#scheme-light:checked){color-scheme:light}
:root:has(#scheme-dark:checked){color-scheme:dark}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:4rem}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;-webkit-font-smoothing:antialiased}
body>*{max-width:1120px;margin-inline:auto;padding-inline:clamp(16px,4vw,40px)}
h1,h2,h3,p,ul,ol,figure{margin:0;padding:0}
ul,ol{list-style:none}
code,pre{font-family:var(--mono);font-size:.8125rem;overflow-wrap:anywhere}
small{font-size:.75rem;color:var(--soft)}
a{color:inherit;text-underline-offset:3px;text-decoration-color:var(--line)}
a:hover{text-decoration-color:currentColor}
.top{display:flex;flex-wrap:wrap;gap:24px;justify-content:space-between;align-items:end;padding-block:clamp(32px,7vw,72px) 24px}
.top>div{min-width:0}
h1{font-size:clamp(2rem,7vw,4rem);line-height:1.05;letter-spacing:-.035em;font-weight:650;overflow-wrap:anywhere}
.kicker{color:var(--soft);margin-bottom:4px}
.address{font-size:.75rem;color:var(--soft);overflow-wrap:anywhere;margin-top:8px}
.scheme{border:1px solid var(--line);border-radius:999px;padding:3px;margin:0;display:flex;background:var(--card)}
.scheme legend,.scheme input{position:absolute;opacity:0;pointer-events:none}
.scheme span{display:block;padding:4px 12px;border-radius:999px;font-size:.8125rem;color:var(--soft);cursor:pointer}
.scheme input:checked+span{background:var(--ink);color:var(--ground)}
.scheme input:focus-visible+span{outline:2px solid var(--ink);outline-offset:2px}
nav{position:sticky;top:0;z-index:1;display:flex;gap:16px;overflow-x:auto;padding-block:12px;background:var(--ground);border-bottom:1px solid var(--line);font-size:.875rem;scrollbar-width:none}
nav a{white-space:nowrap;text-decoration:none;color:var(--soft)}
nav a:hover{color:var(--ink)}
section{padding-block:clamp(36px,6vw,64px) 0}
main{padding-bottom:96px}
section>header{display:flex;align-items:baseline;justify-content:space-between;gap:16px;margin-bottom:20px}
h2{font-size:1.5rem;letter-spacing:-.02em;font-weight:620}
section>header p{color:var(--soft);font-size:.875rem;text-align:end}
h3{font-size:.875rem;font-weight:600;margin:24px 0 10px}
.none,.missing{color:var(--soft);font-size:.875rem}
.strip{display:flex;height:56px;border-radius:12px;overflow:hidden;box-shadow:inset 0 0 0 1px var(--line)}
.strip i{min-width:3px;flex-basis:0}
.role{display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:12px;margin-top:16px}
.role h3{margin:10px 0 0}
.swatches{display:grid;grid-template-columns:repeat(auto-fill,minmax(158px,1fr));gap:12px}
.swatch{display:grid;gap:1px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:6px 6px 10px;min-width:0}
.swatch>:not(.paint){padding-inline:6px}
.swatch code{margin-top:6px;font-weight:600}
.paint{height:76px;border-radius:8px;border:1px solid light-dark(#0001,#fff2);background:linear-gradient(var(--paint,transparent) 0 0),repeating-conic-gradient(#8883 0 25%,transparent 0 50%) 0 0/14px 14px}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px}
.pair{background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}
.sample{font-size:2rem;font-weight:600;line-height:1;padding:20px 14px;letter-spacing:-.02em}
.pair figcaption{padding:10px 14px 12px;border-top:1px solid var(--line);font-size:.875rem}
.pair small{display:block}
.grades{display:flex;gap:10px;font-size:.75rem;font-weight:600}
.pass{color:var(--good)}
.fail{color:var(--bad)}
details{margin-top:14px}
summary{cursor:pointer;font-size:.875rem;color:var(--soft);padding-block:6px}
pre{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px;overflow:auto;max-height:480px;margin:8px 0 0}
.fonts{display:grid;gap:16px}
.font{display:grid;grid-template-columns:minmax(140px,220px) minmax(0,1fr);background:var(--card);border:1px solid var(--line);border-radius:16px;overflow:hidden}
.glyphs{font-size:clamp(4rem,12vw,6.5rem);line-height:1;display:grid;place-items:center;padding:24px;border-inline-end:1px solid var(--line)}
.detail{padding:20px 24px 22px;min-width:0}
.font h3{margin:0 0 4px;font-size:1.125rem;overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:4px 14px;color:var(--soft);font-size:.8125rem;margin-bottom:14px}
.line{display:grid;grid-template-columns:2.5rem minmax(0,1fr);gap:10px;align-items:baseline;font-size:clamp(1rem,2.4vw,1.25rem);line-height:1.4;padding-block:4px}
.line small{font-family:system-ui,sans-serif}
.line span{overflow-wrap:anywhere}
.spacing{display:grid;gap:6px}
.spacing li,.motion li{display:grid;grid-template-columns:4.5rem minmax(0,1fr);gap:12px;align-items:center}
.spacing code,.motion code{text-align:end}
.spacing i{display:block;height:18px;max-width:100%;border-radius:2px;background:var(--ink);opacity:.82}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:16px}
.tiles.wide{grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:20px}
.tiles li{display:grid;gap:8px;justify-items:center;text-align:center;align-content:start;min-width:0}
.tiles.wide li{justify-items:stretch;text-align:start}
.tiles code{color:var(--soft);font-size:.75rem}
.corner{width:min(84px,100%);height:84px;background:var(--card);border:2px solid var(--ink)}
.shadow{height:104px;border-radius:12px;background:light-dark(#fff,#2a2d30);margin:10px 10px 18px}
.gradient{height:104px;border-radius:12px;border:1px solid var(--line)}
.motion{display:grid;gap:8px}
.track{display:block;height:14px;border-radius:7px;background:var(--card);border:1px solid var(--line);position:relative;max-width:480px}
.track i{position:absolute;inset-block:1px;width:10px;border-radius:50%;background:var(--ink);left:1px}
@media (prefers-reduced-motion:no-preference){.track i{animation:go 1s ease-in-out infinite alternate}}
@keyframes go{to{left:calc(100% - 11px)}}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px}
table{border-collapse:collapse;width:100%;text-align:start;font-size:.875rem}
th,td{padding:8px 14px;text-align:start;vertical-align:top;font-weight:400;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-size:.75rem}
th,td{min-width:8.5rem}
.chip{display:inline-block;width:13px;height:13px;border-radius:4px;margin-inline-end:8px;vertical-align:-2px}
.light{background:#fff;color:#5a5c62}
.dark{background:#16181a;color:#a2a5ab}
.light small,.dark small{color:inherit}
.logo{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(260px,100%),1fr));border:1px solid var(--line);border-radius:16px;overflow:hidden}
.logo div{display:grid;place-items:center;padding:48px 24px;min-height:180px}
.logo img{max-width:100%;max-height:120px;min-height:32px;object-fit:contain}
.icons{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:10px}
.icons li{display:grid;gap:10px;justify-items:center;align-content:space-between;border:1px solid var(--line);border-radius:12px;padding:20px 8px 10px;text-align:center;min-width:0}
.icons img{width:32px;height:32px;object-fit:contain}
.icons small{font-size:.6875rem}
.missing{overflow-wrap:anywhere;max-width:100%}
.images{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(220px,100%),1fr));gap:24px 18px}
.images li{min-width:0;font-size:.8125rem}
.frame{aspect-ratio:4/3;display:grid;place-items:center;padding:10px;border:1px solid var(--line);border-radius:12px;overflow:hidden;margin-bottom:8px;background:light-dark(#f0efeb,#24272a)}
.frame img{max-width:100%;max-height:100%;min-width:0;min-height:0;object-fit:contain}
.images p{color:var(--soft)}
.images .alt{color:var(--ink)}
.images .address{margin-top:2px;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
@media (max-width:640px){.font{grid-template-columns:minmax(0,1fr)}.glyphs{border-inline-end:0;border-bottom:1px solid var(--line);justify-items:start;padding:20px 24px}
.role{grid-template-columns:minmax(0,1fr);gap:8px}.swatches,.pairs{grid-template-columns:repeat(auto-fill,minmax(140px,1fr))}.tiles{grid-template-columns:repeat(auto-fill,minmax(88px,1fr))}.detail{padding:16px 20px}}
@media print{nav,.scheme{display:none}section{break-inside:avoid}}
`;
