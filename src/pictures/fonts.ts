/** What text in pictures that a browser draws is set in: Inter where it is there, else the system's own. */
export const FONTS = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
