import { expect, it } from 'vitest';
import { AttendError, isFailure } from '../../src/contract/attend-error.ts';
import { Failure } from '../../src/contract/data/failure.ts';

it.each([
  [{ code: 'not-found', message: 'There is no such photo.' }, true],
  [new AttendError('cancelled', 'Cancelled.').toJSON(), true],
  [{ code: 'not-found', message: 'More.', more: 1 }, true],
  [{ code: 'unheard-of', message: 'What?' }, false],
  [{ code: 'not-found' }, false],
  [{ message: 'No code.' }, false],
  [{ code: 'not-found', message: 404 }, false],
  [{ code: 404, message: 'A number.' }, false],
  ['not-found', false],
  [null, false],
  [undefined, false],
  [[], false],
])('tells a failure from anything else, as the schema does: %j', (value, expected) => {
  expect(isFailure(value)).toBe(expected);
  expect(Failure.safeParse(value).success).toBe(expected);
});
