/**
 * Prints which of the permissions that it is asked about, as JSON descriptors, its process was given.
 *
 * @module
 */

const given = Deno.args.filter((text) => Deno.permissions.querySync(JSON.parse(text)).state === "granted");
// deno-lint-ignore no-console
console.log(JSON.stringify(given));
