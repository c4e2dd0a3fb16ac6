/**
 * The style of the picture: the page's colours, for light and dark surroundings.
 *
 * @module
 */

import theme from "./style/theme.css" with { type: "text" };

/** The page's colours by name, in a light and in a dark surrounding. */
const colours: ReadonlyMap<string, { readonly light: string; readonly dark: string }> = new Map(
  [...theme.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\)/g)].map((
    [, name = "", light = "", dark = ""],
  ) => [name, { light, dark }]),
);

/** The rules of one surrounding. Colours are written out, as not all that shows SVG knows variables. */
function rules(surrounding: "light" | "dark"): string {
  const of = (name: string): string => {
    const colour = colours.get(name);
    if (!colour) throw new RangeError(`Cannot draw the picture: theme.css has no colour named ${name}`);
    return colour[surrounding];
  };
  const marks = [["other", "ink"], ["base", "soft"], ["bupo", "accent"]] as const;
  return [
    `.paper{fill:${of("paper")};stroke:${of("line")}}`,
    `.grid{stroke:${of("line")}}`,
    `.ink{fill:${of("ink")}}`,
    `.soft{fill:${of("soft")}}`,
    ...marks.map(([kind, name]) => `.${kind}{fill:${of(name)};stroke:${of(name)}}`),
  ].join("");
}

/** The style. Fonts are those of whoever looks at it. */
export const pictureStyle: string = [
  `text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;stroke:none}`,
  ".head{font-size:15px;font-weight:600}",
  ".strong{font-weight:600}",
  ".small{font-size:12px}",
  ".number{font-variant-numeric:tabular-nums}",
  ".interval{stroke-width:2.5;stroke-linecap:round}",
  rules("light"),
  `@media (prefers-color-scheme:dark){${rules("dark")}}`,
].join("");
