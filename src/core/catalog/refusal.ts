/**
 * A statement that the server would refuse: the catalog stays as it was. Thrown inside the replay only, where it
 * unwinds a half-done statement; `replayStatement` turns it into a value.
 */
export class Refusal extends Error {
  /** SQLSTATE. https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}

/**
 * A statement about something that the history never made, so nothing can be known of what it does. The gap is said
 * once, the catalog stays as it was.
 */
export class Unknown extends Error {
  readonly what: string;

  constructor(what: string) {
    super(what);
    this.name = 'Unknown';
    this.what = what;
  }
}
