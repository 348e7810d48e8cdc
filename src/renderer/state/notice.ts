/** A message that stands in a corner until it is read. */
export interface Notice {
  readonly id: number;
  readonly kind: 'news' | 'problem';
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}
