// What a mark says appears at once beside the pointer; without this script, browsers show it after a while.
const box = document.getElementById("tip");
const said = new WeakMap();
for (const title of document.querySelectorAll("svg.figure title")) {
  said.set(title.parentNode, title.textContent);
  title.remove();
}
const textOf = (node) => {
  for (let at = node; at instanceof Element && at.tagName !== "svg"; at = at.parentNode) {
    if (said.has(at)) return said.get(at);
  }
};
const show = ({ target, clientX, clientY }) => {
  const text = textOf(target);
  box.hidden = text === undefined;
  if (text === undefined) return;
  box.textContent = text;
  const { width, height } = box.getBoundingClientRect();
  const x = Math.max(8, Math.min(clientX + 14, innerWidth - width - 8));
  const y = clientY - height - 12 > 8 ? clientY - height - 12 : clientY + 18;
  box.style.transform = `translate(${x}px, ${y}px)`;
};
document.addEventListener("pointermove", show);
document.addEventListener("pointerdown", show);
document.addEventListener("scroll", () => (box.hidden = true), { passive: true });
