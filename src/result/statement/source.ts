/**
 * What went into a result, and which of it are the sources. Plain functions: the page's script calls them too.
 *
 * @module
 */

/** Something that went into the result (an in-toto ResourceDescriptor). */
export interface ResourceDescriptor {
  /** Its name. */
  readonly name: string;
  /** Digests by algorithm: `gitCommit`, `sha256`. */
  readonly digest: Readonly<Record<string, string>>;
  /** Further facts, such as `dirty` of a source tree: true, false or "unknown". */
  readonly annotations?: Readonly<Record<string, string | boolean>> | undefined;
}

/** The commit of the sources among what went into a result, and whether the source tree differed from it. */
export function sourceOf(
  dependencies: readonly Pick<ResourceDescriptor, "digest" | "annotations">[],
): { readonly commit: string | null; readonly dirty: boolean | "unknown" } {
  const source = dependencies.find(({ digest }) => digest["gitCommit"] !== undefined);
  const dirty = source?.annotations?.["dirty"];
  return {
    commit: source?.digest["gitCommit"] ?? null,
    dirty: typeof dirty === "boolean" ? dirty : "unknown",
  };
}
