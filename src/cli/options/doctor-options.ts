/** What `attend doctor` is told on the command line. */
export interface DoctorOptions {
  json?: boolean;
  model?: string;
}
