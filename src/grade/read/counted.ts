/**
 * What may stand behind a number and leave its value as it is: names of things that are counted, and fillers. Any other
 * word that is no unit of measurement may change the number, as "lakh", "twice" and "at least" do, so an answer with it
 * is not read.
 *
 * @module
 */

/** Things that problems count, in the singular. */
const COUNTED: ReadonlySet<string> = new Set([
  // of mathematics
  ..."angle arc arrangement axis base case chord choice circle class coefficient color colour column combination"
    .split(" "),
  ..."configuration coordinate corner cube cycle degree diagonal digit disk divisor edge element equation event face"
    .split(" "),
  ..."factor function game graph grid group hexagon integer interval intersection letter line lattice list matching matrix"
    .split(" "),
  ..."matrice member method move multiple node number octagon operation option ordering outcome pair path"
    .split(" "),
  ..."partition pattern pentagon permutation piece plane point polygon polynomial position possibility prime prism"
    .split(" "),
  ..."problem quadrilateral quadruple rectangle region relation residue root rotation round row segment selection sequence"
    .split(" "),
  ..."set shape side sign size solution sphere square step subset subgroup symmetry team term test tetrahedron tile"
    .split(" "),
  ..."toss trapezoid tree trial triangle triple tuple turn value variable vector vertex vertice way word"
    .split(" "),
  // of everyday life
  ..."adult animal answer ant apple app article bag ball balloon banana bar barrel basket bead bean bee bike bird block"
    .split(" "),
  ..."boat book bottle bowl box boy bracelet brick bridge brother bucket building bus bushel cake calorie can candle candy"
    .split(" "),
  ..."car card cat cell chair chapter chicken child children chip city clip coin comic container cookie copy cougar country"
    .split(" "),
  ..."cow crab crayon cup cupcake customer cut daughter desk dish dog doll donut door dress drink duck egg employee"
    .split(" "),
  ..."envelope eraser family fan fence file film finger fish floor flower foot friend frog fruit gift girl glass"
    .split(" "),
  ..."goat grape guest gumball handshake hat hen horse house insect item jar jellybean job key kid kitten ladder lap leaf"
    .split(" "),
  ..."leave leg lemon lesson lollipop magazine man marble match meal meeting member men mouse movie mug muffin"
    .split(" "),
  ..."nail nickel night note onion orange package packet page painting pair pancake parent participant passenger"
    .split(" "),
  ..."peach pear pen pencil penny pennie penguin people person pet phone photo photograph picture pie pig pint pizza"
    .split(" "),
  ..."plant plate player pot potato potatoe present prize puppy puzzle question rabbit raspberry ribbon ride ring"
    .split(" "),
  ..."robe rock roll room rope rose sandwich school scout seat sheep sheet shell shelf shelve ship shirt shoe shot"
    .split(" "),
  ..."sister skirt slice snail snack song soldier son spider spoon stamp star starfish stick sticker stone store strawberry"
    .split(" "),
  ..."street student sweet table tadpole teacher teaspoon tablespoon teddy thorn ticket tie tomato tomatoe ton tour town toy"
    .split(" "),
  ..."trade train trip truck tulip vacation vote walnut window winner woman women worker yogurt".split(" "),
]);

/** Words that only describe what is counted, or say nothing. */
export const FILLERS: ReadonlySet<string> = new Set(
  ("a an the of in total altogether exactly different distinct possible such ordered unordered positive nonnegative real " +
    "complex rational natural whole integral valid unique long wide tall high deep old approximately apart away left " +
    "remaining now only qed q.e.d").split(" "),
);

/** Is a word the name of something that is counted, in the singular or plural? */
export function isCounted(word: string): boolean {
  if (COUNTED.has(word)) return true;
  if (word.endsWith("ies") && COUNTED.has(`${word.slice(0, -3)}y`)) return true;
  return ["s", "es"].some((ending) => word.endsWith(ending) && COUNTED.has(word.slice(0, -ending.length)));
}
