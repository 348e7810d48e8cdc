/** A function that a pickle names and that this reader knows: what it makes of its arguments. */
export type Known = (...args: unknown[]) => unknown;

/** What a pickle refers to outside itself: an array of numbers, by its key. */
export interface Reference {
  readonly id: readonly unknown[];
}

/** What may stand in a pickle beside plain values. */
export interface PickleWorld {
  /** By module and name ("collections OrderedDict"): the only names that are not refused. */
  readonly known: ReadonlyMap<string, Known | object>;
}

/** None of the functions that arrays need has more. */
const MOST_ARGUMENTS = 16;

/** What a mark on the stack is told by. */
const MARK = Symbol('mark');

/**
 * Reads one pickle of plain values: numbers, texts, lists, tuples (as arrays), dictionaries (as Maps) and what the named
 * functions of `world` make. In Python, reading a pickle runs whatever program it names; here names are looked up in a
 * list of a few, and every other name and operation is an error. Nothing is run but what the list holds.
 *
 * @param start where the pickle begins
 * @returns the value, and where the pickle ends
 * @throws Error that says what it holds beside plain values, or that it is damaged
 */
export function readPickle(bytes: Uint8Array, world: PickleWorld, start = 0): { value: unknown; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = start;

  const take = (count: number): number => {
    if (!(count >= 0 && at + count <= bytes.length)) throw new Error('the list of its arrays is cut off');
    at += count;
    return at - count;
  };
  const text = (count: number): string => {
    const from = take(count);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, from + count));
  };
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) throw new Error('the list of its arrays is cut off');
    const written = text(end - at);
    at = end + 1;
    return written;
  };
  const pop = (): unknown => {
    if (stack.length === 0 || stack.at(-1) === MARK) throw new Error('the list of its arrays is damaged');
    return stack.pop();
  };
  const popToMark = (): unknown[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) throw new Error('the list of its arrays is damaged');
    const items = stack.splice(mark);
    return items.slice(1);
  };
  const named = (name: string): Known | object => {
    const found = world.known.get(name);
    if (found === undefined) throw new Error(`it wants to run ${name.replace(' ', '.')}, and only arrays are read`);
    return found;
  };
  const call = (callable: unknown, args: unknown): unknown => {
    if (typeof callable !== 'function' || !Array.isArray(args)) throw new Error('the list of its arrays is damaged');
    if (args.length > MOST_ARGUMENTS) throw new Error('the list of its arrays is damaged');
    return (callable as Known)(...(args as unknown[]));
  };
  const setItems = (target: unknown, items: readonly unknown[]): void => {
    if (!(target instanceof Map) || items.length % 2 !== 0) throw new Error('the list of its arrays is damaged');
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  };
  const append = (target: unknown, items: readonly unknown[]): void => {
    if (!Array.isArray(target)) throw new Error('the list of its arrays is damaged');
    for (const item of items) target.push(item);
  };
  const recall = (index: number): void => {
    if (!memo.has(index)) throw new Error('the list of its arrays is damaged');
    stack.push(memo.get(index));
  };

  for (;;) {
    const operation = String.fromCharCode(bytes[take(1)] as number);
    switch (operation) {
      case '\x80': // PROTO
        take(1);
        break;
      case '\x95': // FRAME
        take(8);
        break;
      case '.': // STOP
        return { value: pop(), end: at };
      case '(': // MARK
        stack.push(MARK);
        break;
      case 'N': // NONE
        stack.push(null);
        break;
      case '\x88': // NEWTRUE
        stack.push(true);
        break;
      case '\x89': // NEWFALSE
        stack.push(false);
        break;
      case 'J': // BININT
        stack.push(view.getInt32(take(4), true));
        break;
      case 'K': // BININT1
        stack.push(view.getUint8(take(1)));
        break;
      case 'M': // BININT2
        stack.push(view.getUint16(take(2), true));
        break;
      case '\x8a': // LONG1
        stack.push(longOf(view, take(1), (count) => take(count)));
        break;
      case 'G': // BINFLOAT
        stack.push(view.getFloat64(take(8), false));
        break;
      case 'X': // BINUNICODE
        stack.push(text(view.getUint32(take(4), true)));
        break;
      case '\x8c': // SHORT_BINUNICODE
        stack.push(text(view.getUint8(take(1))));
        break;
      case ')': // EMPTY_TUPLE
      case ']': // EMPTY_LIST
        stack.push([]);
        break;
      case '}': // EMPTY_DICT
        stack.push(new Map());
        break;
      case 't': // TUPLE
        stack.push(popToMark());
        break;
      case '\x85': // TUPLE1
        stack.push([pop()]);
        break;
      case '\x86': // TUPLE2
      case '\x87': {
        // TUPLE3
        const items = operation === '\x87' ? [pop(), pop(), pop()] : [pop(), pop()];
        stack.push(items.reverse());
        break;
      }
      case 'a': // APPEND
        append(stack.at(-2), [pop()]);
        break;
      case 'e': {
        // APPENDS
        const items = popToMark();
        append(stack.at(-1), items);
        break;
      }
      case 's': {
        // SETITEM
        const value = pop();
        const key = pop();
        setItems(stack.at(-1), [key, value]);
        break;
      }
      case 'u': {
        // SETITEMS
        const items = popToMark();
        setItems(stack.at(-1), items);
        break;
      }
      case 'q': // BINPUT
        memo.set(view.getUint8(take(1)), stack.at(-1));
        break;
      case 'r': // LONG_BINPUT
        memo.set(view.getUint32(take(4), true), stack.at(-1));
        break;
      case '\x94': // MEMOIZE
        memo.set(memo.size, stack.at(-1));
        break;
      case 'h': // BINGET
        recall(view.getUint8(take(1)));
        break;
      case 'j': // LONG_BINGET
        recall(view.getUint32(take(4), true));
        break;
      case 'c': {
        // GLOBAL
        const module = line();
        stack.push(named(`${module} ${line()}`));
        break;
      }
      case '\x93': {
        // STACK_GLOBAL
        const [name, module] = [pop(), pop()];
        // As a text, lists of lists of lists would be longer than all memory.
        if (typeof name !== 'string' || typeof module !== 'string')
          throw new Error('the list of its arrays is damaged');
        stack.push(named(`${module} ${name}`));
        break;
      }
      case 'Q': {
        // BINPERSID
        const id = pop();
        if (!Array.isArray(id)) throw new Error('the list of its arrays is damaged');
        stack.push({ id } satisfies Reference);
        break;
      }
      case 'R': {
        // REDUCE
        const args = pop();
        stack.push(call(pop(), args));
        break;
      }
      case 'b': {
        // BUILD: what a dictionary carries beside its items (versions of layers) is of no use here.
        pop();
        if (!(stack.at(-1) instanceof Map)) throw new Error('it holds objects, and only arrays are read');
        break;
      }
      default: {
        const code = operation.charCodeAt(0).toString(16).padStart(2, '0');
        throw new Error(`it holds more than arrays (the operation 0x${code})`);
      }
    }
  }
}

/** A whole number of up to ten bytes; as a text of its digits where it is larger than a number can tell. */
function longOf(view: DataView, lengthAt: number, take: (count: number) => number): number | string {
  const length = view.getUint8(lengthAt);
  if (length > 10) throw new Error('the list of its arrays is damaged');
  const from = take(length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(from + i));
  if (length > 0 && view.getUint8(from + length - 1) & 0x80) value -= 1n << BigInt(8 * length);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}
