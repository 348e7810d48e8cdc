/** What the page sees as `window.attend`. */
export interface AttendApi {
  /** Of the programs that the app runs on, by name. */
  readonly versions: Readonly<Record<'electron' | 'chrome' | 'node', string>>;
}
