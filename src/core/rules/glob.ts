/**
 * Whether a path (with `/`, relative to the workspace root) fits a glob: `*` and `?` within a name, `**` over folders,
 * `{a,b}` for either. A folder's own name stands for all that is in it.
 */
export function matchesGlob(glob: string, path: string): boolean {
  return new RegExp(`^${translated(glob)}(?:/.*)?$`).test(path);
}

function translated(glob: string): string {
  const bare = glob
    .replaceAll('\\', '/')
    .replace(/^\.?\//, '')
    .replace(/\/+$/, '');
  let open = 0;
  return (
    bare.replaceAll(/\*\*\/|\*\*|\*|\?|\{|\}|,|[^*?{},]+/g, (part) => {
      switch (part) {
        case '**/':
          return '(?:.*/)?';
        case '**':
          return '.*';
        case '*':
          return '[^/]*';
        case '?':
          return '[^/]';
        case '{':
          open++;
          return '(?:';
        case '}':
          if (open === 0) return '\\}';
          open--;
          return ')';
        case ',':
          return open > 0 ? '|' : ',';
        default:
          return part.replaceAll(/[.+^$()|[\]\\]/g, '\\$&');
      }
    }) + ')'.repeat(open)
  );
}
