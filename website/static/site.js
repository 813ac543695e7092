/* What the theme leaves unsaid to screen readers, what scrolls sideways for the keyboard, options
   that stay whole where a command is too long for its line, and long names in a table's last
   column, which may be parted after a dot, a line or a stroke. */
const LONG_NAME = 20;
const partable = (name) => {
  if (name.textContent.length < LONG_NAME) return;
  const parts = name.textContent.split(/(?<=[._/])/);
  const spaced = parts.flatMap((part) => [document.createElement("wbr"), part]);
  name.replaceChildren(...spaced.slice(1));
};
const wholeOptions = (text) => {
  const parts = text.data.split(/(--[\w-]+)/);
  return parts.map((part, place) => {
    if (place % 2 === 0) return part;
    const option = document.createElement("span");
    option.className = "option";
    option.textContent = part;
    return option;
  });
};

document.addEventListener("DOMContentLoaded", () => {
  for (const caption of document.querySelectorAll(".caption[role=heading]")) {
    caption.setAttribute("aria-level", "2");
  }
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
  document.querySelectorAll("td:last-child :not(a) > code > .pre").forEach(partable);
  const wide = "article pre, article .table-wrapper, article p:has(> img[src$='.svg'])";
  for (const box of document.querySelectorAll(wide)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
  for (const typed of document.querySelectorAll(".highlight-sh pre, .highlight-console pre")) {
    const walker = document.createTreeWalker(typed, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) text.replaceWith(...wholeOptions(text));
  }
});
