/**
 * A typed stand-in for jsr:@std/assert, for machines that reach only the npm registry: the standard library as
 * `npm:deno-std` publishes it, with the types that this project uses. Whoever reaches JSR deletes `links` in deno.json.
 *
 * @module
 */

// @ts-types="./types.d.ts"
export {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "deno-std/assert";
