/**
 * Phrases that announce an answer, in the languages that models answer in.
 *
 * @module
 */

/** The word for "answer", lower case. */
const ANSWER_WORDS = [
  ..."answer réponse reponse antwort respuesta risposta resposta ответ відповідь odpowiedź odpověď odpoveď"
    .split(" "),
  ..."antwoord svar vastaus válasz răspuns răspunsul cevap yanıt απάντηση jawaban jawapan отговор одговор"
    .split(" "),
  ..."答案 答え 答 解答 正解 정답 답은 답 الإجابة إجابة الجواب جواب पاسخ پاسخ उत्तर উত্তর பதில் คำตอบ תשובה"
    .split(" "),
  ..."đáp án|câu trả lời|correct option|correct choice|final result".split("|"),
];

/** Words that link the announcement to the answer. */
const COPULAS = new Set(
  ("is are be equals therefore the would est sont ist lautet es son è sono é são это este jest je är er on van wynosi " +
    "là equal to of thus hence option choice final answer also then dus daher donc por lo tanto adalah è será " +
    "هو هي है 是 为 は 이다 だ").split(" "),
);

/** Where an answer is announced, and how firmly: 1 is "final answer", 2 "answer:", 3 "answer is", 4 the word alone. */
export interface Announcement {
  /** Where the answer may begin. */
  readonly at: number;
  /** How firmly it is announced. */
  readonly rank: 1 | 2 | 3 | 4;
}

/** The most occurrences of one word that are looked at, from the end. */
const MAX_OCCURRENCES = 20;

/** Words before "answer" that turn it into something else. */
const TURNED =
  /\b(?:wrong|incorrect|false|no|not the|not an|opposite of the|twice the|half the|half of the|double the)\s$/;

/** The announcements of a text, the firmest first, among equals the last one first. */
export function announcements(text: string, start: number): Announcement[] {
  const lower = lowerCase(text);
  const found: Announcement[] = [];
  for (const word of ANSWER_WORDS) {
    let at = lower.lastIndexOf(word);
    for (let count = 0; at >= start && count < MAX_OCCURRENCES; count++) {
      if (standsAlone(lower, at, word) && !TURNED.test(lower.slice(Math.max(0, at - 24), at))) {
        found.push(announcement(lower, at, word));
      }
      if (at === 0) break;
      at = lower.lastIndexOf(word, at - 1);
    }
  }
  return found.sort((a, b) => a.rank - b.rank || b.at - a.at);
}

/** Lower case with every character in its place. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (c) => c.toLowerCase().length === c.length ? c.toLowerCase() : c).join("");
}

/** Is a word of letters no part of a longer one, but for an ending such as in "answers"? */
function standsAlone(text: string, at: number, word: string): boolean {
  if (word.charCodeAt(0) > 0x2000) return true;
  return !/\p{L}/u.test(text[at - 1] ?? " ") &&
    !/^\p{L}{3}/u.test(text.slice(at + word.length, at + word.length + 3));
}

function announcement(text: string, found: number, word: string): Announcement {
  const isFinal = /final[\s*]*$/.test(text.slice(Math.max(0, found - 10), found)) || word === "final result";
  let at = found + word.length, colon = false, linked = false;
  // The ending of "answers".
  if (/^s\b/.test(text.slice(at, at + 2))) at++;
  for (let count = 0; count < 40; count++) {
    const rest = text.slice(at, at + 24);
    const sign = /^[\s*_"'`:：=–—]+|^\\text(?=\{)/.exec(rest);
    const linking = /^\p{L}+/u.exec(rest);
    const copula = linking &&
      (COPULAS.has(linking[0]) ? linking[0] : [...COPULAS].find((one) => one > "~" && rest.startsWith(one)));
    if (sign) {
      colon ||= /[:：]/.test(sign[0]);
      at += sign[0].length;
    } else if (copula) {
      linked = true;
      at += copula.length;
    } else break;
  }
  return { at, rank: isFinal ? 1 : colon ? 2 : linked ? 3 : 4 };
}
