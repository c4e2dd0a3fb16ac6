import { assertEquals } from "@std/assert";
import { Budget } from "../../../src/grade/expression/budget.ts";
import { type Node, typeOf } from "../../../src/grade/expression/expression.ts";
import { parseAnswer } from "../../../src/grade/read/parse.ts";

/** A tree in a short notation, for comparison. */
function show(node: Node): string {
  if (node.kind === "number") return `${node.value.numerator}/${node.value.denominator}`.replace(/\/1$/, "");
  if (node.kind === "symbol" || node.kind === "constant") return node.name;
  if (node.kind === "text") return `"${node.text}"`;
  const items = "items" in node ? node.items.map(show).join(" ") : "";
  const name = node.kind === "call" ? node.name : node.kind === "quantity" ? `in ${node.unit}` : node.kind;
  return items === "" ? name : `(${name} ${items})`;
}

const parse = (text: string): string => show(parseAnswer(text, new Budget(1e6)).node);

Deno.test("parseAnswer() binds operators as mathematics does", () => {
  assertEquals(parse("1+2\\cdot 3^2"), "(sum 1 (product 2 (power 3 2)))");
  assertEquals(parse("-2^2"), "(product -1 (power 2 2))");
  assertEquals(parse("2^{3^2}"), "(power 2 (power 3 2))");
  assertEquals(parse("1/2x"), "(product 1 (power 2 -1) x)");
  assertEquals(parse("\\sin^2 2x+1"), "(sum (power (sin (product 2 x)) 2) 1)");
  assertEquals(parse("3!x"), "(product (factorial 3) x)");
});

Deno.test("parseAnswer() reads arguments with and without braces", () => {
  assertEquals(parse("\\frac12"), parse("\\frac{1}{2}"));
  assertEquals(parse("\\frac1{23}"), parse("\\dfrac{1}{23}"));
  assertEquals(parse("\\sqrt 3"), parse("\\sqrt{3}"));
  assertEquals(parse("\\sqrt[3]{x}"), "(power x (product 1 (power 3 -1)))");
});

Deno.test("parseAnswer() reads a comma by what stands around it", () => {
  assertEquals(parse("1,234"), "1234");
  assertEquals(parse("1,23"), "(list 1 23)");
  assertEquals(parse("(1,234)"), "(bracket 1 234)");
  assertEquals(parse("1,234,56"), "(list 1234 56)");
  assertEquals(parseAnswer("1,234", new Budget(1000)).grouped, true);
});

Deno.test("parseAnswer() keeps words and units apart from symbols", () => {
  assertEquals(parse("\\text{Yes}"), '"yes"');
  assertEquals(parse("New York"), '"new york"');
  assertEquals(parse("5\\text{ cm}^2"), "(in cm^2 5)");
  assertEquals(parse("xy"), "(product x y)");
  assertEquals(parse("\\mathrm{e}"), "e");
});

Deno.test("parseAnswer() turns what it cannot read into text with a reason", () => {
  for (const text of ["5 +", "((", "\\frac{1}", "4 10/3", "\\unknown{3}", ""]) {
    const { node, failure } = parseAnswer(text, new Budget(1e6));
    assertEquals([node.kind, failure !== undefined], ["text", true], text);
  }
});

Deno.test("typeOf() names answers", () => {
  const types = {
    "7": "integer",
    "0.5": "decimal",
    "\\frac12": "fraction",
    "-\\frac{3}{4}": "fraction",
    "2\\sqrt3": "expression",
    "35\\%": "percent",
    "(1,2)": "tuple",
    "[1,2)": "interval",
    "\\{1,2\\}": "set",
    "1,2": "list",
    "x=2": "equation",
    "x<2": "inequality",
    "Yes": "text",
  };
  for (const [text, type] of Object.entries(types)) {
    assertEquals(typeOf(parseAnswer(text, new Budget(1e6)).node), type, text);
  }
});
