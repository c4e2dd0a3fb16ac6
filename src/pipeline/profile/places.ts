/**
 * Where the files of a profile lie, which is nobody else's business: results hold names, and digests of what is there.
 *
 * @module
 */

import { basename, isAbsolute, relative, sep } from "node:path";
import { ownSuite, withSuitePath } from "../../suite_name.ts";
import type { Profile } from "./profile.ts";

/** A path below the working folder as it is from there; of others the last part alone. */
function name(path: string): string {
  const inside = relative(Deno.cwd(), path);
  const below = inside !== "" && !isAbsolute(inside) && inside !== ".." && !inside.startsWith(`..${sep}`);
  return below ? inside.replaceAll(sep, "/") : basename(path);
}

/** A profile whose files are named as they are from the working folder, or without their folder where they lie elsewhere. */
export function withoutPlaces<T extends Pick<Profile, "model" | "training" | "evaluation">>(profile: T): T {
  const { model, training, evaluation } = profile;
  const suites = (texts: readonly string[]): string[] =>
    texts.map((text) => {
      const own = ownSuite(text);
      return own && isAbsolute(own.path) ? withSuitePath(text, name(own.path)) : text;
    });
  return {
    ...profile,
    model: typeof model === "string" && isAbsolute(model) ? name(model) : model,
    training: { ...training, suites: suites(training.suites) },
    evaluation: withoutServerPlace({ ...evaluation, suites: suites(evaluation.suites) }),
  };
}

/** How a profile is evaluated, without where a server answers and what it calls the model. */
export function withoutServerPlace<T extends Pick<Profile["evaluation"], "server">>(evaluation: T): T {
  const { server } = evaluation;
  if (server === undefined) return evaluation;
  const { url: _, model: __, ...rest } = server;
  return { ...evaluation, server: rest };
}
