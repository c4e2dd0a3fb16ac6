/** The sections below the table: differences, curves, history, sources. */

import { intervalBar, intervalScale, lineChart, niceTicks } from "./chart.js";
import {
  board,
  figures,
  labelOf,
  listed,
  percent,
  points,
  resultIndex,
  seriesClass,
  short,
  unpack,
  verdictChip,
} from "./data.js";
import { button, download, el } from "./dom.js";

/** A section with its heading; nothing where it has no content. */
export function section(id, title, note, ...content) {
  const parts = content.flat(Infinity).filter((part) => part !== null && part !== undefined);
  if (parts.length === 0) return null;
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title` }, title),
    note ? el("p", { class: "note" }, note) : null,
    parts,
  );
}

/** Every pair of methods of a result with its interval against zero. */
export function differences(result, openFlips) {
  const pairs = board.pairs.filter((pair) => pair.result === result.name);
  if (pairs.length === 0) return null;
  const margin = board.settings.margin;
  const reach = Math.max(
    margin,
    ...pairs.flatMap(({ difference }) => [Math.abs(difference.low), Math.abs(difference.high)]),
  );
  const edge = niceTicks(0, reach, 3).at(-1),
    scale = { min: -edge, max: edge, marks: [-edge, -edge / 2, 0, edge / 2, edge], band: [-margin, margin] };
  const groups = Map.groupBy(pairs, ({ candidate, baseline }) => JSON.stringify([candidate, baseline]));
  const flipsCell = (pair) => {
    if (pair.suite === null) return el("td", { class: "plain" }, "");
    const count = pair.fixed.length + pair.broken.length;
    if (count === 0) return el("td", { class: "plain" }, "none");
    return el(
      "td",
      { class: "plain" },
      button(
        [`${pair.fixed.length} fixed, ${pair.broken.length} broken`],
        () => openFlips(pair),
        {
          class: "link",
          "aria-label": `Transcripts: ${labelOf(pair.candidate)} against ${
            labelOf(pair.baseline)
          } on ${pair.suite}, ${pair.fixed.length} fixed, ${pair.broken.length} broken`,
        },
      ),
    );
  };
  const table = el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of differences" },
    el(
      "table",
      { class: "pairs" },
      el("caption", { class: "hidden" }, "Differences of avg@k in percentage points"),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          [
            "Pair",
            "Suite",
            "Verdict",
            "Δ, points",
            ["Interval", intervalScale(scale, 180)],
            "p",
            "Detectable",
            "Problems",
          ].map((title) => el("th", { scope: "col" }, title)),
        ),
      ),
      [...groups.values()].toReversed().map((group) =>
        el(
          "tbody",
          {},
          group.map((pair, i) =>
            el(
              "tr",
              { class: pair.suite === null ? "over" : null },
              i === 0
                ? el(
                  "th",
                  { scope: "rowgroup", rowspan: group.length },
                  `${labelOf(pair.candidate)} − ${labelOf(pair.baseline)}`,
                )
                : null,
              el("td", { class: "text" }, pair.suite ?? "mean of all"),
              el("td", { class: "text" }, verdictChip(pair.verdict)),
              el(
                "td",
                { class: "score" },
                el("span", { class: "number" }, points(pair.difference.value)),
                el(
                  "span",
                  { class: "range" },
                  `[${points(pair.difference.low)}, ${points(pair.difference.high)}]`,
                ),
              ),
              el("td", {}, intervalBar(pair.difference, scale, 180)),
              el("td", { class: "plain" }, pair.p < 0.001 ? "< 0.001" : pair.p.toFixed(3)),
              el("td", { class: "plain" }, pair.detectable === null ? "–" : percent(pair.detectable)),
              flipsCell(pair),
            )
          ),
        )
      ),
    ),
  );
  return section(
    "differences",
    "Differences",
    `Paired by problem; ${
      100 * board.settings.confidence
    } % intervals over problems and seeds, p after Holm’s correction over suites. Shaded: ±${
      percent(margin)
    } points count as none. Detectable: the smallest true difference that this evaluation finds in ${
      100 * board.settings.power
    } % of cases. Fixed and broken: problems of which the first method alone, or the second alone, solves the majority of samples.`,
    table,
  );
}

const shares = (value) => `${short(100 * value)}`;

/** pass@k of every suite. */
export function passSection(result) {
  const curves = figures.passCurves.filter((curve) =>
    curve.result === result.name && curve.points.length > 1
  );
  const charts = [...Map.groupBy(curves, ({ of }) => of)].map(([suite, own]) =>
    lineChart({
      title: suite,
      note: `pass@k in %, ${result.suites.find(({ name }) => name === suite)?.problems} problems`,
      xLabel: "k",
      series: own.map(({ label, method, points }) => ({ label, kind: seriesClass(method), points })),
      xTicks: own[0].points.map(({ x }) => ({ x, text: String(x) })),
      logX: true,
      format: shares,
    })
  );
  return section(
    "pass",
    "pass@k",
    "Share of problems that at least one of k samples solves, without bias; the band is the interval over problems and seeds.",
    charts.length === 0 ? null : el("div", { class: "figures" }, charts),
  );
}

const metrics = {
  rewardMean: ["Reward", "mean of the step’s rollouts", shares, "in %"],
  entropy: ["Entropy", "of the policy, nats a token", short],
  responseLength: ["Response length", "tokens", short],
  gradientNorm: ["Gradient norm", "before clipping, logarithmic", short],
  layerEntropy: ["Entropy of the internal policy", "of layer k, nats a token", short],
};

/** The training curves of a result. */
export function trainingSection(result) {
  const curves = figures.trainingCurves.filter((curve) => curve.result === result.name);
  const until = figures.internalSteps[result.name];
  const charts = Object.entries(metrics).flatMap(([metric, [title, note, format, unit]]) => {
    const own = curves.filter(({ of }) => of === metric);
    if (own.length === 0) return [];
    return [lineChart({
      title,
      note: unit ? `${note}, ${unit}` : note,
      xLabel: "step",
      series: own.map(({ label, method, points }) => ({ label, kind: seriesClass(method), points })),
      logY: metric === "gradientNorm" && own.every(({ points }) => points.every(({ low }) => low > 0)),
      format,
      ...(until === undefined ? {} : { until, untilText: "internal" }),
    })];
  });
  return section(
    "training",
    "Training",
    `Mean over the seeds; the band reaches from the lowest to the highest seed.${
      until === undefined ? "" : ` Shaded: the first ${until} steps, in which BuPO trains an internal policy.`
    }`,
    charts.length === 0 ? null : el("div", { class: "figures" }, charts),
  );
}

/** avg@k over commits, of every profile with more than one result. */
export function historySection() {
  let regraded = false;
  const charts = [...Map.groupBy(figures.history, ({ series }) => series)].flatMap(([series, all]) => {
    const results = [...Map.groupBy(all, ({ record }) => record).values()].map(([first]) => first);
    if (results.length < 2) return [];
    const grader = results.at(-1).grader, stride = Math.ceil(results.length / 5);
    const other = (point) => point.grader !== grader;
    regraded ||= results.some(other);
    const places = new Map(results.map(({ record }, x) => [record, x]));
    return [lineChart({
      title: series,
      note: "avg@k in %, mean over the suites",
      xLabel: "commit, oldest first",
      series: [...Map.groupBy(all, ({ method }) => method)].map(([method, own]) => ({
        label: own[0].label,
        kind: seriesClass(method),
        points: own.map((point) => ({ ...point, x: places.get(point.record), hollow: other(point) })),
      })),
      xTicks: results.map((result, x) => ({
        x,
        text: x % stride === 0 ? result.commit.slice(0, 7) : "",
        name: `${result.commit}${other(result) ? `, grader ${result.grader}` : ""}`,
      })),
      format: shares,
    })];
  });
  const notes = [
    "The same profile and model at several commits, with intervals; every point is a result whose signature the publisher verified.",
    regraded ? "Hollow: graded by another version of the grader than the newest." : "",
    figures.historyGaps.length === 0
      ? ""
      : `Of ${listed(figures.historyGaps)}, older results in git are not known, or not all of them.`,
  ];
  return section(
    "history",
    "History",
    notes.filter((note) => note !== "").join(" "),
    charts.length === 0 ? null : el("div", { class: "figures" }, charts),
  );
}

/** A short list of facts. */
function facts(entries) {
  return el(
    "dl",
    {},
    entries.filter(([, value]) => value !== null && value !== "").map((
      [name, value],
    ) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}

/** Where each result comes from and what was checked; `outcome` is a promise of the check. */
export function sourcesSection(results, outcomes, badge) {
  const cards = results.map((result) => {
    const list = el("ul", { class: "checks" }, el("li", {}, "Checking …"));
    outcomes.get(result.name).then(({ checks, problem }) => {
      list.replaceChildren(
        ...checks.map((text) => el("li", { class: "holds" }, text)),
        ...(problem ? [el("li", { class: "fails" }, problem)] : []),
      );
    });
    const index = resultIndex(result.name);
    const save = (id, file, type) =>
      button(file, async () => download(file, type, await unpack(`${id}-${index}`)), { class: "link" });
    return el(
      "details",
      { class: "source", open: results.length === 1 },
      el(
        "summary",
        {},
        result.name,
        el(
          "span",
          { class: "facts" },
          ` profile ${result.profile.name} · ${result.date.slice(0, 10)} · ${result.key} `,
        ),
        badge(result.name),
      ),
      result.profile.description === "" ? null : el("p", {}, result.profile.description),
      list,
      facts([
        [
          "Key",
          `${result.key}${
            result.trusted
              ? `, trusted by the publisher${result.owner === null ? "" : ` as ${result.owner}`}`
              : ""
          }`,
        ],
        ["Signed at", result.date],
        [
          "Commit",
          result.commit === null
            ? "unknown"
            : `${result.commit}${
              result.dirty === true ? ", with changes" : result.dirty === "unknown" ? ", changes unknown" : ""
            }`,
        ],
        ["Base model", `${result.model.name}, SHA-256 ${result.model.digest}`],
        ...result.suites.map((
          { name, problems, samples, digest },
        ) => [name, `${problems} problems × ${samples} samples, SHA-256 ${digest}`]),
        ["Profile", `SHA-256 ${result.profile.digest}`],
        ["Grader", result.graderVersion],
        [
          "Machine",
          Object.entries(result.environment).map(([name, value]) => `${name} ${value ?? "unknown"}`).join(
            ", ",
          ),
        ],
        [
          "Signed files",
          el(
            "span",
            {},
            save("record", "results.json", "application/json"),
            ", ",
            save("bundle", "manifest.sigstore.json", "application/json"),
          ),
        ],
        ["Full check", el("code", {}, `deno task verify results/${result.name}`)],
      ]),
    );
  });
  return section(
    "sources",
    "Where the numbers come from",
    "Each result is signed. Your browser has just checked the signature over the record embedded here. A signature says who published a number and that it did not change, if you know the key; that it is right is only shown by running it again.",
    cards,
  );
}

/** What was left out. */
export function excludedSection() {
  return section(
    "excluded",
    "Left out",
    "Directories that are not on the leaderboard, and why.",
    board.excluded.length === 0 ? null : el(
      "ul",
      {},
      board.excluded.map(({ name, reason }) => el("li", {}, el("b", {}, name), `: ${reason}`)),
    ),
  );
}

/** How to read it all. */
export function readingSection() {
  const { confidence, margin, resamples } = board.settings;
  return section(
    "reading",
    "How to read this",
    null,
    el(
      "ul",
      { class: "reading" },
      el(
        "li",
        {},
        "avg@k is the mean accuracy over k samples of each problem; pass@k the share of problems that one of k samples solves.",
      ),
      el(
        "li",
        {},
        `Intervals cover ${
          100 * confidence
        } %: a percentile bootstrap over problems and training seeds (${resamples} resamples). Overlapping intervals do not show a tie; the paired differences do.`,
      ),
      el(
        "li",
        {},
        `Better and worse: the interval of the paired difference excludes 0 and the permutation test agrees. Tied within noise: the difference was shown to be smaller than ${
          percent(margin)
        } points. Inconclusive: neither, on so few problems.`,
      ),
      el(
        "li",
        {},
        "Methods on one vertical line are a tie group: none of them was called better than another. Results of different profiles are not ranked against each other.",
      ),
    ),
  );
}
