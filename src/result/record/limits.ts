/**
 * How large a result may be. Each bound stands well above what a real evaluation needs and far below what could keep a
 * reader busy for minutes: it is asked before any work begins, so that one hostile result costs no more than its reading.
 *
 * @module
 */

/** The bounds; bytes, numbers of things, or characters. */
export const limits = {
  /** Bytes of `results.json`. */
  recordBytes: 64 * 2 ** 20,
  /** Bytes of the UTF-8 of a name that becomes part of a file's name: profile, method, suite, graph. */
  nameBytes: 100,
  /** Characters of a problem's id. */
  problemIdLength: 200,
  /** Suites of a result. */
  suites: 64,
  /** Problems of a suite. */
  problems: 100_000,
  /** Samples of a problem: k. */
  samples: 4096,
  /** Methods of a result, the base model included. */
  methods: 64,
  /** Seeds of a method. */
  seeds: 64,
  /** Counts of a result: policies times problems. Also the lines of its samples. */
  counts: 2_000_000,
  /** Completions of a result. */
  completions: 50_000_000,
  /** Tokens of a completion. */
  completionTokens: 2 ** 20,
  /** Signs of trouble of a run. */
  alarms: 32,
  /** Graphs of a result. */
  artifacts: 256,
  /** Parameters of a model. */
  parameters: 1e15,
  /** Values in a profile. */
  settings: 2000,
  /** Characters of a text in a profile. */
  settingLength: 4096,
  /** Compressed bytes of the samples. */
  samplesBytes: 2 ** 30,
  /** Bytes of the samples. */
  inflatedBytes: 16 * 2 ** 30,
  /** Bytes of a line of the samples: some hundred completions of 32,000 tokens. */
  sampleLineBytes: 64 * 2 ** 20,
  /** Bytes of a file of metrics: some 130,000 steps. */
  metricsBytes: 64 * 2 ** 20,
  /** Bytes of all files of metrics together. */
  allMetricsBytes: 256 * 2 ** 20,
  /** Lines of a file of metrics. */
  metricsLines: 200_000,
} as const;
