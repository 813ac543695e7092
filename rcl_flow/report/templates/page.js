
(() => {
  "use strict";

  const compare = (kind) => (a, b) =>
    kind === "number" ? Number(a) - Number(b) : a.localeCompare(b, undefined, { numeric: true });

  const value = (row, column) => row.cells[column].dataset.value;

  const sort = (table, head, ascending) => {
    const column = head.cellIndex;
    const rows = Array.from(table.tBodies[0].rows);
    const known = rows.filter((row) => value(row, column) !== "");
    const unknown = rows.filter((row) => value(row, column) === "");
    const order = compare(head.dataset.kind);
    known.sort((a, b) => (ascending ? 1 : -1) * order(value(a, column), value(b, column)));
    table.tBodies[0].append(...known, ...unknown);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  };

  const makeSortable = (table) => {
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () =>
        sort(table, head, head.getAttribute("aria-sort") !== "ascending"));
    }
  };

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.documentElement.dataset.ready = "true";
})();
