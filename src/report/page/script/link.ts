/**
 * Links to a place on the page: a result, a pair of its methods, a problem. They are in the fragment, so that they work
 * in a file opened from disk.
 *
 * @module
 */

/** A place on the page. */
export interface Place {
  /** The result. */
  readonly result: string;
  /** The pair, as `bupo,grpo`. */
  readonly pair?: string | undefined;
  /** The suite. */
  readonly suite?: string | undefined;
  /** The problem's id. */
  readonly problem?: string | undefined;
}

/** The fragment that leads to a place. */
export function linkTo(place: Place): string {
  const given = Object.entries(place).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value]] : []
  );
  return `#${new URLSearchParams(given)}`;
}

/** The place that the address names, or null where it names none. */
export function namedPlace(): Place | null {
  const given = new URLSearchParams(location.hash.slice(1)), result = given.get("result");
  if (result === null) return null;
  const member = (name: string): string | undefined => given.get(name) ?? undefined;
  return { result, pair: member("pair"), suite: member("suite"), problem: member("problem") };
}

/** Lets the address name a place, without a new entry in the browser's history. */
export function nameThePlace(place: Place): void {
  history.replaceState(null, "", linkTo(place));
}
