import type { ErrorCode } from '../../contract/constants/error-codes.ts';
import type { en } from './en.ts';

/** The shape of a language's texts: that of the English ones, whatever the words. */
export type Messages = Widened<typeof en>;

/** The failures of the service in another language than its own, English. */
export type Failures = Readonly<Partial<Record<ErrorCode, string>>>;

type Widened<T> = T extends string
  ? string
  : T extends (...parameters: infer Parameters) => string
    ? (...parameters: Parameters) => string
    : T extends readonly (infer Item)[]
      ? Widened<Item>[]
      : { [Key in keyof T]: Widened<T[Key]> };
