/**
 * The style of the staging report. In VS Code the theme's own colours, elsewhere ours for light and dark; in high
 * contrast every bar has an outline. No colour carries a meaning that a word beside it does not.
 */
export const STAGING_REPORT_CSS = `
:root {
  color-scheme: light dark;
  --lk-own-fg: #1f2328; --lk-own-muted: #59636e; --lk-own-bg: #ffffff; --lk-own-raised: #f6f8fa; --lk-own-border: #d1d9e0;
  --lk-own-red: #cf222e; --lk-own-orange: #bc4c00; --lk-own-blue: #0969da; --lk-own-purple: #8250df; --lk-own-green: #1a7f37; --lk-own-grey: #818b98;
  --lk-own-link: #0969da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --lk-own-fg: #e6edf3; --lk-own-muted: #9da7b1; --lk-own-bg: #0d1117; --lk-own-raised: #161b22; --lk-own-border: #30363d;
    --lk-own-red: #ff7b72; --lk-own-orange: #f0883e; --lk-own-blue: #58a6ff; --lk-own-purple: #bc8cff; --lk-own-green: #3fb950; --lk-own-grey: #768390;
    --lk-own-link: #58a6ff;
  }
}
.lk-report {
  --lk-fg: var(--vscode-editor-foreground, var(--lk-own-fg));
  --lk-muted: var(--vscode-descriptionForeground, var(--lk-own-muted));
  --lk-bg: var(--vscode-editor-background, var(--lk-own-bg));
  --lk-raised: var(--vscode-editorWidget-background, var(--lk-own-raised));
  --lk-border: var(--vscode-contrastBorder, var(--vscode-editorWidget-border, var(--lk-own-border)));
  --lk-outline: var(--vscode-contrastBorder, transparent);
  --lk-red: var(--vscode-charts-red, var(--lk-own-red));
  --lk-orange: var(--vscode-charts-orange, var(--lk-own-orange));
  --lk-blue: var(--vscode-charts-blue, var(--lk-own-blue));
  --lk-purple: var(--vscode-charts-purple, var(--lk-own-purple));
  --lk-green: var(--vscode-charts-green, var(--lk-own-green));
  --lk-grey: var(--vscode-disabledForeground, var(--lk-own-grey));
  --lk-link: var(--vscode-textLink-foreground, var(--lk-own-link));
  --lk-sans: var(--vscode-font-family, system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif);
  --lk-mono: var(--vscode-editor-font-family, ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace);
  color: var(--lk-fg);
  background: var(--lk-bg);
  font: 14px/1.5 var(--lk-sans);
  max-width: 68rem;
  margin: 0 auto;
  padding: 1.75rem 1.5rem 3rem;
}
html:has(.lk-report), body:has(> .lk-report) { margin: 0; background: var(--vscode-editor-background, var(--lk-own-bg)); }
.lk-report *, .lk-report *::before { box-sizing: border-box; }
.lk-report h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 600; margin: 0.25rem 0 0.75rem; text-wrap: balance; }
.lk-report h2 { font-size: 1.05rem; font-weight: 600; margin: 2.25rem 0 0.6rem; }
.lk-report p { margin: 0.35rem 0; max-width: 75ch; }
.lk-report a { color: var(--lk-link); }
.lk-report a:focus-visible, .lk-report button:focus-visible, .lk-scroll:focus-visible { outline: 2px solid var(--vscode-focusBorder, var(--lk-link)); outline-offset: 2px; }
.lk-eyebrow { color: var(--lk-muted); font-size: 0.85rem; }
.lk-facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; color: var(--lk-muted); margin: 0; padding: 0; list-style: none; }
.lk-facts b { color: var(--lk-fg); font-weight: 600; }
.lk-verdict { border-left: 4px solid var(--lk-grey); padding-left: 1rem; }
.lk-verdict-failed, .lk-verdict-stops-all { border-color: var(--lk-red); }
.lk-verdict-stops-writes { border-color: var(--lk-orange); }
.lk-verdict-well { border-color: var(--lk-green); }
.lk-muted { color: var(--lk-muted); }
.lk-report .lk-number { font-variant-numeric: tabular-nums; white-space: nowrap; text-align: right; }
.lk-scroll { overflow-x: auto; border: 1px solid var(--lk-border); border-radius: 6px; }
.lk-report table { border-collapse: collapse; width: 100%; }
.lk-report caption { text-align: left; padding: 0.5rem 0.75rem; color: var(--lk-muted); }
.lk-report th, .lk-report td { text-align: left; vertical-align: top; padding: 0.45rem 0.75rem; border-top: 1px solid var(--lk-border); }
.lk-report thead th { border-top: 0; background: var(--lk-raised); font-weight: 600; white-space: nowrap; }
.lk-report tbody th { font-weight: 400; }
.lk-report tr:target > * { background: var(--lk-raised); }
.lk-report tr:target > th:first-child { box-shadow: inset 3px 0 0 var(--lk-link); }
.lk-report code { font: 0.93em var(--lk-mono); overflow-wrap: anywhere; background: none; color: inherit; padding: 0; }
.lk-sql { display: block; margin-top: 0.15rem; color: var(--lk-muted); min-width: 12rem; }
.lk-table-name { white-space: nowrap; }
.lk-lock { display: block; min-width: 11rem; }
.lk-lock + .lk-lock, .lk-change + .lk-change { margin-top: 0.2rem; }
.lk-change { display: block; min-width: 8rem; }
.lk-report .lk-number .lk-remark { min-width: 9rem; }
.lk-details { margin-top: 0.3rem; color: var(--lk-muted); }
.lk-details summary { cursor: pointer; }
.lk-details summary:focus-visible { outline: 2px solid var(--vscode-focusBorder, var(--lk-link)); outline-offset: 2px; }
.lk-report .lk-details ul { margin: 0.3rem 0 0; padding: 0 0 0 1.1rem; font-size: 0.93em; }
.lk-worst { fill: var(--lk-purple); opacity: 0.12; }
.lk-worst-edge { stroke: var(--lk-purple); stroke-width: 1; stroke-dasharray: 3 3; }
.lk-report .lk-remark { display: block; white-space: normal; color: var(--lk-muted); }
.lk-swatch { display: inline-block; width: 0.75em; height: 0.75em; border-radius: 2px; margin-right: 0.45em; border: 1px solid var(--lk-outline); vertical-align: -0.05em; }
.lk-goto { font: inherit; color: var(--lk-link); background: none; border: 0; padding: 0; cursor: pointer; text-decoration: underline; white-space: nowrap; }
.lk-legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.6rem 0 0; padding: 0; list-style: none; color: var(--lk-muted); font-size: 0.9em; }
.lk-timeline-box { padding: 0.75rem 0.5rem 0.25rem; }
.lk-timeline { display: block; width: 100%; min-width: 680px; height: auto; font: 12px var(--lk-sans); }
.lk-timeline text { fill: var(--lk-fg); }
.lk-timeline .lk-lane { text-anchor: end; }
.lk-timeline .lk-tick { fill: var(--lk-muted); text-anchor: middle; font-size: 11px; font-variant-numeric: tabular-nums; }
.lk-timeline .lk-bar-text { font-size: 11px; pointer-events: none; }
.lk-grid { stroke: var(--lk-border); stroke-width: 1; opacity: 0.6; }
.lk-rule { stroke: var(--lk-border); stroke-width: 1; }
.lk-bar { stroke: var(--lk-outline); stroke-width: 1; }
.lk-timeline a:focus-visible .lk-bar { stroke: var(--vscode-focusBorder, var(--lk-fg)); stroke-width: 2; }
.lk-timeline .lk-on-statement, .lk-timeline .lk-on-stops-all, .lk-timeline .lk-on-stops-writes, .lk-timeline .lk-on-stops-ddl, .lk-timeline .lk-on-stops-nothing, .lk-timeline .lk-on-stall { fill: var(--lk-bg); font-weight: 600; }
.lk-statement { fill: var(--lk-grey); background: var(--lk-grey); }
.lk-commit { fill: var(--lk-fg); background: var(--lk-fg); }
.lk-stops-all { fill: var(--lk-red); background: var(--lk-red); }
.lk-stops-writes { fill: var(--lk-orange); background: var(--lk-orange); }
.lk-stops-ddl { fill: var(--lk-blue); background: var(--lk-blue); }
.lk-stops-nothing { fill: var(--lk-green); background: var(--lk-green); }
.lk-stall { fill: var(--lk-purple); background: var(--lk-purple); }
.lk-notice { border: 1px solid var(--lk-border); border-left: 4px solid var(--lk-orange); border-radius: 4px; background: var(--lk-raised); padding: 0.6rem 0.9rem; }
.lk-report .lk-notice { margin: 1rem 0; max-width: none; }
.lk-legend { padding-left: 0.25rem; }
.lk-report dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.25rem; margin: 0; }
.lk-report dt { color: var(--lk-muted); }
.lk-report dd { margin: 0; overflow-wrap: anywhere; }
@media (forced-colors: active) { .lk-worst { fill: none; } .lk-worst-edge { stroke: CanvasText; } .lk-bar { stroke: CanvasText; } .lk-swatch { forced-color-adjust: none; border-color: CanvasText; } }
@media (max-width: 40rem) { .lk-report { padding: 1rem 0.75rem 2rem; } .lk-report h1 { font-size: 1.3rem; } }
@media print { .lk-report { max-width: none; padding: 0; } .lk-scroll { overflow: visible; } }
`;
