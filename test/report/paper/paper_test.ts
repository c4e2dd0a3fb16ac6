import { assert, assertEquals, assertRejects } from "@std/assert";
import { disagreementsAbout, loadPaper, paperCell } from "../../../src/report/paper/paper.ts";

const paper = await loadPaper(".");

/** A sum of printed decimals in units of 1e-4, exactly. */
const sum = (values: readonly number[]): number =>
  values.reduce((all, value) => all + Math.round(value * 1e4), 0);

Deno.test("loadPaper() reads every table of the paper that has numbers", () => {
  assertEquals(paper.tables.map(({ table }) => table), ["1", "2", "3", "5", "7", "9", "10", "11"]);
  const [main] = paper.tables;
  assertEquals(main?.rows.length, 4 * 6);
  assertEquals(paper.source, { paper: "arXiv 2512.19673", version: "v3", date: "2026-05-29" });
});

Deno.test("every printed average is that of its cells, save where a disagreement says otherwise", () => {
  const listed = paper.disagreements.filter(({ kind }) => kind === "arithmetic").flatMap(({ cells }) => cells)
    .filter(({ column }) => column === "average").map(({ table, model, method }) =>
      `${table} ${model} ${method}`
    );
  const wrong: string[] = [];
  let checked = 0;
  for (const { table, rows } of paper.tables) {
    for (const { model, method, values, average } of rows) {
      const cells = values.filter((value) => value !== null);
      if (average === null || cells.length < values.length) continue;
      checked++;
      const difference = Math.abs(sum(cells) / cells.length - Math.round(average * 1e4));
      if (difference > 50) wrong.push(`${table} ${model} ${method}`);
    }
  }
  assertEquals(checked, 24 + 3 + 8 + 6 + 3);
  assertEquals(wrong, listed);
});

Deno.test("the gains over GRPO that Table 10 reports follow from its cells", () => {
  const rows = paper.tables.find(({ table }) => table === "10")?.rows ?? [];
  const gain = (model: string): number => {
    const [bupo, grpo] = ["BuPO", "GRPO"].map((method) =>
      sum(rows.find((row) => row.model === model && row.method === method)?.values.map((v) => v ?? NaN) ?? [])
    ) as [number, number];
    return Math.round((bupo - grpo) / 4 / 100 + 1e-9) / 100;
  };
  assertEquals(
    ["Qwen3-4B", "Qwen3-8B", "OctoThinker-3B", "OctoThinker-8B"].map(gain),
    [3.77, 2.53, 1.95, 3.62],
  );
});

Deno.test("every cell that a disagreement names is in its table, as printed", () => {
  for (const { id, cells } of paper.disagreements) {
    for (const cell of cells) assertEquals(paperCell(paper.tables, cell), cell.printed, id);
  }
  assertEquals(new Set(paper.disagreements.map(({ id }) => id)).size, paper.disagreements.length);
  const ids = disagreementsAbout(paper, { model: "OctoThinker-3B", method: "BuPO" }).map(({ id }) => id);
  assert(ids.includes("octothinker-3b-aime-2025") && !ids.includes("qwen3-8b-grpo-average"));
});

Deno.test("paperCell() knows no cell that is not there, and null for one that is not recorded", () => {
  const at = { table: "3", model: "Qwen3-4B", method: "BuPO", setting: "layer 6", column: "aime-2024" };
  assertEquals(paperCell(paper.tables, at), null);
  assertEquals(paperCell(paper.tables, { ...at, setting: "layer 7" }), undefined);
  assertEquals(paperCell(paper.tables, { ...at, column: "aime-2026" }), undefined);
});

Deno.test("loadPaper() names the file and the field that is wrong", async () => {
  const root = await Deno.makeTempDir(), folder = `${root}/benchmarks/paper`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.copyFile("benchmarks/paper/disagreements.json", `${folder}/disagreements.json`);
  const table = JSON.parse(await Deno.readTextFile("benchmarks/paper/table_02.json"));
  table.rows[1].values.pop();
  await Deno.writeTextFile(`${folder}/table_02.json`, JSON.stringify(table));
  await assertRejects(
    () => loadPaper(root),
    SyntaxError,
    "table_02.json: the document: every row needs one value",
  );
  table.rows[1].values.push("12");
  await Deno.writeTextFile(`${folder}/table_02.json`, JSON.stringify(table));
  await assertRejects(() => loadPaper(root), SyntaxError, "table_02.json: rows.1.values.3: ");
  await Deno.remove(root, { recursive: true });
});
