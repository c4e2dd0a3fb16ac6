import type { Reward } from "../../src/reward/interface.ts";

/** Is "12+30=42" right? */
function isRight(a: number, sign: string, b: number, result: number): boolean {
  return result === (sign === "+" ? a + b : sign === "-" ? a - b : a * b);
}

/** The share of the steps written as "12+30=42" that are right; 0 where there is none. */
const reward: Reward = ({ completion }) => {
  const steps = [...completion.matchAll(/(\d+)([-+*])(\d+)=(-?\d+)/g)];
  const right = steps.filter(([, a, sign = "", b, result]) =>
    isRight(Number(a), sign, Number(b), Number(result))
  );
  return steps.length === 0 ? 0 : right.length / steps.length;
};

export default reward;
