import { Markup } from './markup.ts';

/** How the page looks: nothing is loaded, so it looks the same without a network. */
export const STYLE = new Markup(`<style>
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --ink: #1d2126; --soft: #5a636e; --line: #d9dde2; --panel: #f3f4f6; --link: #0b5cad;
  --get: #1f6f43; --post: #8a4b08; --put: #5b3fa8; --delete: #a32626;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e4e7eb; --soft: #9aa4b0; --line: #333a43; --panel: #1d2228; --link: #7db7f0;
    --get: #7bd3a2; --post: #eab676; --put: #bda6f5; --delete: #f39a9a;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 6rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1.7rem; }
h2 { margin: 3rem 0 .5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.3rem; }
h3 { margin: 0; font-size: 1rem; font-weight: 600; }
h4 { margin: 1rem 0 .3rem; font-size: .8rem; color: var(--soft); text-transform: uppercase; letter-spacing: .05em; }
p { margin: .4rem 0; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
code, pre { font: .9em/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: .4rem 0; padding: .8rem; overflow-x: auto; background: var(--panel); border-radius: 6px; }
ul { margin: 0; padding: 0; list-style: none; }
summary { cursor: pointer; }
.soft { color: var(--soft); }
.columns { columns: 16rem; column-gap: 2rem; }
.columns > li { margin-bottom: 1rem; break-inside: avoid; }
.operation { margin: 1rem 0; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: 8px; }
.method { font-weight: 700; }
.GET { color: var(--get); } .POST { color: var(--post); } .PUT { color: var(--put); } .DELETE { color: var(--delete); }
.badge {
  display: inline-block; padding: 0 .5em; border: 1px solid currentColor; border-radius: 1em; font-size: .78rem;
  color: var(--soft);
}
.documented { color: var(--get); } .observed { color: var(--link); } .inferred { color: var(--post); }
.fields > li { padding: .3rem 0; border-top: 1px solid var(--line); }
.fields > li:first-child { border-top: 0; }
.fields .fields { margin-left: .5rem; padding-left: .8rem; border-left: 2px solid var(--line); }
.fields p { margin: 0; font-size: .92em; color: var(--soft); }
details > summary { padding: .25rem 0; }
@media print { details > summary { list-style: none; } }
</style>`);
