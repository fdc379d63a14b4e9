export const NOTICE =
  '<!-- Written by scripts/generate-docs.ts from the rules themselves: edit src/core/rules/catalogue. -->';
