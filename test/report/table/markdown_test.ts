import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { inertMarkdown } from "../../../src/report/table/markdown.ts";
import { type Counts, markdownTable } from "../../../src/report/mod.ts";

/** What a reader of Markdown sees: character references become characters. */
function seen(markdown: string): string {
  return markdown.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

/**
 * What hosts look for in a text after it was rendered: mentions, references to issues and merge requests, addresses
 * (GitHub: "Autolinked references and URLs", "Mentioning people and teams"; GFM, section 6.9).
 */
const LIVE = /(?<!\w)@[\p{L}\p{N}_]|[#!]\d|\bGH-\d|\w@[\w-]+\.|:\/\/|\bwww\./iu;

/** What Markdown looks for before: markup that needs no white space around it. */
const MARKUP = /[<>|\\`*_~]|\][([]/;

const hostile: readonly string[] = [
  "@octocat",
  "thanks @octo-org/team!",
  "fixes #1",
  "octo/repo#12 and GH-3, gh-4",
  "see !7",
  "www.evil.example",
  "WWW.evil.example",
  "http://evil.example https://evil.example ftp://evil.example",
  "mail me@evil.example or mailto:me@evil.example",
  "[text](http://evil.example) [text][ref] ![x](y)",
  "<b>&amp;#64;octocat</b> &#64;octocat &commat;octocat",
  "~~gone~~ `code` *em* _em_ | \\",
];

for (const text of hostile) {
  Deno.test(`inertMarkdown() takes the effect of ${text}, and none of its characters`, () => {
    const markdown = inertMarkdown(text);
    assertEquals(seen(markdown).replaceAll("\u200b", ""), text);
    assertEquals([LIVE.exec(seen(markdown)), MARKUP.exec(markdown)], [null, null]);
  });
}

Deno.test("inertMarkdown() leaves every text to be seen, and nothing of it alive", () => {
  const pieces = fc.constantFrom(
    "@",
    "#",
    "1",
    "a",
    "&",
    ";",
    "64",
    ":",
    "/",
    "www",
    ".",
    "GH",
    "-",
    "]",
    "(",
    "[",
    " ",
    "!",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
    const text = parts.join(""), markdown = inertMarkdown(text);
    assertEquals(seen(markdown).replaceAll("\u200b", ""), text);
    assertEquals([LIVE.exec(seen(markdown)), MARKUP.exec(markdown)], [null, null]);
  }));
});

Deno.test("inertMarkdown() changes no ordinary text", () => {
  for (
    const text of [
      "mini-aime",
      "79.3 ± 2.1",
      "+1.4 [−3.8, +6.6]",
      "C# and F#",
      "a @ b",
      "pass@8",
      "bupo: B − A",
      "50 %!",
    ]
  ) {
    assertEquals(inertMarkdown(text), text);
  }
});

Deno.test("the method table mentions nobody and links nowhere", () => {
  const counts: Counts = {
    suites: [{ name: "www.evil.example", samples: 1, problems: ["a", "b"] }],
    runs: [{
      method: "@octocat #1",
      seed: null,
      suites: { "www.evil.example": { correct: [0, 1], truncated: 0, unparsed: 0, tokens: 2 } },
    }],
  };
  const text = markdownTable(counts);
  assertEquals([LIVE.exec(seen(text)), text.includes("octocat")], [null, true]);
});
