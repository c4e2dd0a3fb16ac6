/**
 * A stream of text as a stream of lines.
 *
 * @module
 */

/** Cuts text into lines; the last one may lack its line feed. */
export class TextLineStream extends TransformStream<string, string> {
  /** A new cutter. */
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
