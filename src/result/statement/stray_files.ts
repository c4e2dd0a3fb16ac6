/**
 * Files that systems and editors leave behind in folders, and that nobody means.
 *
 * @module
 */

/** What they are called. This list is that of docs/results.md. */
const STRAYS: readonly RegExp[] = [
  /^\.DS_Store$/, // macOS
  /^\._/, // macOS, on other systems' disks
  /^\.(?:AppleDouble|Spotlight-V100|Trashes|fseventsd)$/, // likewise; folders
  /^(?:Thumbs|ehthumbs)\.db$/i, // Windows
  /^desktop\.ini$/i,
  /^\.directory$/, // KDE
  /^\.nfs[0-9a-f]+$/, // removed while a program had it open, on NFS
  /^.+~$/, // many editors' copies of what was there before
  /^\..+\.sw[a-p]$/, // Vim
  /^#.+#$/, // Emacs
  /^\.#/, // Emacs' locks, which are links to nowhere
];

/**
 * Is a file one that a system or an editor left behind, or does it lie in a folder that is?
 *
 * @param path With `/`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isStray } from "./stray_files.ts";
 *
 * const names = ["metrics/.DS_Store", "results.json~", "results.json", ".gitkeep"];
 * assertEquals(names.map(isStray), [true, true, false, false]);
 * ```
 */
export function isStray(path: string): boolean {
  return path.split("/").some((name) => STRAYS.some((stray) => stray.test(name)));
}
