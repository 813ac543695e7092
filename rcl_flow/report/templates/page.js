
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

  /* A box with data-filter="<id of a table>" holds a search field, a choice of the rows' data-tags
     and a line that says how many rows are left. */
  const makeFilter = (box) => {
    const rows = Array.from(document.getElementById(box.dataset.filter).tBodies[0].rows);
    const search = box.querySelector("input[type=search]");
    const choice = box.querySelector("select");
    const told = box.querySelector("[role=status]");
    const apply = () => {
      const wanted = search.value.trim().toLocaleLowerCase();
      let shown = 0;
      for (const row of rows) {
        const named = row.cells[0].dataset.value.toLocaleLowerCase().includes(wanted);
        const tagged = !choice.value || row.dataset.tags.split(" ").includes(choice.value);
        row.hidden = !(named && tagged);
        shown += row.hidden ? 0 : 1;
      }
      told.textContent = `${shown} of ${rows.length} shown`;
    };
    search.addEventListener("input", apply);
    choice.addEventListener("change", apply);
    box.hidden = false;
    apply();
  };

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.querySelectorAll("[data-filter]").forEach(makeFilter);
  document.documentElement.dataset.ready = "true";
})();
