import { assertEquals } from "@std/assert";
import { EVENT_FILE, numbersOf, tensorboardEvents } from "../../../src/report/mod.ts";
import { STARTED, steps } from "./steps.ts";

const GOLDEN = "test/golden/tensorboard";

/** What TensorBoard's own reader found in the golden file: `read_events.py` printed it. */
const read: readonly {
  readonly wallTime: number;
  readonly step?: number;
  readonly scalars?: Readonly<Record<string, number>>;
}[] = JSON.parse(await Deno.readTextFile(`${GOLDEN}/read.json`));

Deno.test("tensorboardEvents() are the bytes that TensorBoard's reader was given, and it found every number", async () => {
  assertEquals(tensorboardEvents(steps, STARTED), await Deno.readFile(`${GOLDEN}/${EVENT_FILE}`));
  const [version, ...events] = read;
  assertEquals(version, { wallTime: STARTED, fileVersion: "brain.Event:2" } as typeof version);
  assertEquals(
    events,
    steps.map((step) => ({
      wallTime: STARTED,
      step: Number(step.step),
      scalars: Object.fromEntries(
        Object.entries(numbersOf(step)).map(([name, value]) => [
          `train/${name.replaceAll(".", "/")}`,
          Math.fround(value),
        ]),
      ),
    })),
  );
});

Deno.test("the file of a longer run begins with the bytes of the shorter one's", () => {
  const whole = tensorboardEvents(steps, STARTED), part = tensorboardEvents(steps.slice(0, 2), STARTED);
  assertEquals(whole.subarray(0, part.length), part);
});
