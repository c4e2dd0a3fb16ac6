type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Thrown by a failed assertion. */
export class AssertionError extends Error {}
/** Asserts that `expression` is truthy. */
export function assert(expression: unknown, message?: string): asserts expression;
/** Asserts deep equality. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void;
/** Asserts deep inequality. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
/** Asserts identity. */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
/** Asserts that two numbers differ by at most `tolerance`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void;
/** Asserts `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, message?: string): void;
/** Asserts `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void;
/** Asserts `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, message?: string): void;
/** Asserts `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void;
/** Asserts that `actual` is an instance of a class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: abstract new (...args: never[]) => T,
  message?: string,
): asserts actual is T;
/** Asserts that a text matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void;
/** Asserts that a text contains another. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void;
/** Asserts that a function throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, message?: string): unknown;
/** Asserts that a function throws an error of a class whose message contains a text. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): E;
/** Asserts that a promise rejects, and returns the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
/** Asserts that a promise rejects with an error of a class whose message contains a text. */
export function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E>;
/** Fails. */
export function fail(message?: string): never;
