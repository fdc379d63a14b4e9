import { randomBytes } from 'node:crypto';

export interface WebviewPage {
  readonly title: string;
  /** Made of escaped parts. */
  readonly body: string;
  readonly css: string;
  /** Runs in the page, with `vscode` at hand to post messages; ours alone, from this extension's source. */
  readonly script: string;
  /** What the editor gives back after a reload. Plain data. */
  readonly state: unknown;
}

/** A whole page: nothing is loaded from anywhere, and only what bears the nonce is styled or run. */
export function webviewPage({ title, body, css, script, state }: WebviewPage): string {
  const nonce = randomBytes(16).toString('hex');
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title.replaceAll(/[&<>]/g, (found) => `&#${String(found.charCodeAt(0))};`)}</title>
<style nonce="${nonce}">${css}</style>
</head>
<body>
${body}
<script nonce="${nonce}">
const vscode = acquireVsCodeApi();
vscode.setState(${JSON.stringify(state).replaceAll('<', '\\u003c')});
${script}
</script>
</body>
</html>`;
}
