import type { Estimator } from "../../src/reward/interface.ts";

/** How far each response's reward is above the median of its group. */
const estimator: Estimator = ({ rewards }) => {
  const sorted = [...rewards].sort((a, b) => a - b), half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1] ?? 0, high = sorted[Math.floor(half)] ?? 0;
  return rewards.map((reward) => reward - (low + high) / 2);
};

export default estimator;
