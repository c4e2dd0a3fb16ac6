import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { normalCumulative, studentCumulative, studentQuantile } from "../../src/stats/mod.ts";

Deno.test("studentCumulative() equals the closed forms for 1, 2, 3 and 4 degrees of freedom", () => {
  for (const t of [-40, -3, -0.7, 0, 0.1, 1, 4.3, 25]) {
    const angle = Math.atan(t / Math.sqrt(3)),
      root = t / Math.sqrt(2 + t * t),
      four = t / Math.sqrt(4 + t * t);
    assertAlmostEquals(studentCumulative(t, 1), 0.5 + Math.atan(t) / Math.PI, 1e-13);
    assertAlmostEquals(studentCumulative(t, 2), 0.5 + root / 2, 1e-13);
    assertAlmostEquals(
      studentCumulative(t, 3),
      0.5 + (angle + Math.sin(angle) * Math.cos(angle)) / Math.PI,
      1e-13,
    );
    assertAlmostEquals(studentCumulative(t, 4), 0.5 + four / 2 * (1 + (1 - four * four) / 2), 1e-13);
  }
});

Deno.test("studentCumulative() is the integral of its density for fractional degrees of freedom", () => {
  for (const nu of [2.5, 7.3, 31.4]) {
    // The density without its constant, which cancels in the ratio; Simpson's rule in u with t = tan u.
    const weight = (u: number): number =>
      Math.pow(1 + Math.tan(u) ** 2 / nu, -(nu + 1) / 2) / Math.cos(u) ** 2;
    const integral = (to: number): number => {
      const steps = 20_000, h = to / steps;
      let sum = weight(0) + weight(to);
      for (let i = 1; i < steps; i++) sum += weight(i * h) * (i % 2 ? 4 : 2);
      return sum * h / 3;
    };
    const half = integral(Math.PI / 2 - 1e-9);
    for (const t of [0.3, 1.5, 4]) {
      assertAlmostEquals(studentCumulative(t, nu), 0.5 + integral(Math.atan(t)) / half / 2, 1e-8);
    }
  }
});

Deno.test("studentQuantile() inverts studentCumulative() and becomes normal", () => {
  for (const nu of [1, 2, 2.7, 10, 400, 1e5]) {
    for (const p of [1e-8, 0.025, 0.4, 0.5, 0.8, 0.975, 0.9999]) {
      assertAlmostEquals(studentCumulative(studentQuantile(p, nu), nu), p, 1e-12);
    }
  }
  assertAlmostEquals(studentCumulative(1.2, 1e8), normalCumulative(1.2), 1e-8);
  assertEquals(studentCumulative(1.2, Infinity), normalCumulative(1.2));
  assertEquals([studentCumulative(-Infinity, 3), studentCumulative(Infinity, 3)], [0, 1]);
  assert(studentQuantile(0.975, 1e12) < 1.96);
  assertThrows(() => studentQuantile(1, 3), RangeError);
  assertThrows(() => studentCumulative(1, 0), RangeError);
});
