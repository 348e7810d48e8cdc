/** What a running task can tell and hear. */
export interface TaskControl<Report> {
  readonly signal: AbortSignal;
  report(report: Report): void;
}
