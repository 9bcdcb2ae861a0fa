// Sorting and searching of tables; without it every page still says all it has to say.
(() => {
  const number = (cell) => {
    const own = cell.dataset.sort; // a decimal point; what people read has a comma
    if (own !== undefined) return own === "" ? null : Number(own);
    const stated = cell.textContent.trim();
    if (stated === "" || stated === "–") return null;
    const plain = Number(stated.replace(/\s/g, "").replace(/\./g, "").replace(",", ".").replace("%", ""));
    return Number.isNaN(plain) ? stated : plain;
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "vi"));
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    const before = (table.tBodies[0].rows[0]?.cells.length ?? heads.length) - heads.length; // headed in a row above
    heads.forEach((head, at) => {
      const place = at + before;
      const button = document.createElement("button");
      button.type = "button";
      if (head.querySelector("a")) { // the way to what a column counts stays a link of its own
        button.setAttribute("aria-label", `Xếp theo ${head.textContent.trim()}`);
      } else {
        button.append(...head.childNodes);
      }
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [number(row.cells[place]), row]);
        // what is not known stays below, whichever way the table is sorted
        rows.sort(([a], [b]) => (a === null) - (b === null) || (a === null ? 0 : down ? compare(b, a) : compare(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }
  const bare = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
  for (const box of document.querySelectorAll("[data-search]")) {
    const rows = [...document.querySelectorAll(box.dataset.search)].map((row) => [bare(row.textContent), row]);
    const groups = box.dataset.groups ? document.querySelectorAll(box.dataset.groups) : [];
    const said = document.getElementById(box.getAttribute("aria-describedby"));
    box.hidden = false;
    box.querySelector("input").addEventListener("input", (event) => {
      const wanted = bare(event.target.value.trim());
      let found = 0;
      for (const [text, row] of rows) {
        row.hidden = !text.includes(wanted);
        found += row.hidden ? 0 : 1;
      }
      for (const group of groups) group.hidden = !group.querySelector(box.dataset.search.split(" ").pop() + ":not([hidden])");
      if (said) said.textContent = !wanted ? "" : found ? `Tìm thấy ${found.toLocaleString("vi")}` : "Không tìm thấy";
    });
  }
})();
