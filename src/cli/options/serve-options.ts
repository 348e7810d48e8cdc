/** What `attend serve` is told on the command line. */
export interface ServeOptions {
  port: number;
  open?: boolean;
  model?: string;
  translator?: string;
  uploadLimit: number;
}
