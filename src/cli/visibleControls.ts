/** The colours that Lockkeeper itself writes. */
const OWN_COLOURS = /^\u001b\[(?:0|1|2|36|1;3[136])m$/;
const CONTROLS = /\r\n|\u001b\[[0-9;]*m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text for a terminal, or for a log that will be read in one: names and comments of a script may hold escape sequences that
 * would clear the screen, set the window's title or hide a line. Shown as `cat -v` shows them (`^[`), and marks that turn
 * the reading direction as `<U+202E>`.
 *
 * @param options.colour let the colours through that Lockkeeper itself writes
 */
export function visibleControls(text: string, options: { readonly colour?: boolean } = {}): string {
  return text.replaceAll(CONTROLS, (found) => {
    if (found === '\r\n' || (options.colour === true && OWN_COLOURS.test(found))) return found;
    return Array.from(found, shown).join('');
  });
}

function shown(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '^?';
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  return code < 0x7f ? character : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
