  const fileName = (uri) => uri.replaceAll("\\", "/").replace(/\/+$/, "").split("/").pop();

  const standing = new Map();
  for (const image of document.querySelectorAll("img[data-image]"))
    standing.set(Number(image.dataset.image), image.src);
  const source = (number) => standing.get(number) ?? pictures[number] ?? "";

  const described = (number) => {
    const image = data.images[number];
    return `${image.split ?? "holdout"} image ${fileName(image.uri)}`;
  };

  const frames = (image) => {
    const [width, height] = image.size;
    const boxes = image.boxes.map(([, mark, , left, top, wide, high]) => draw("rect", {
      class: mark.replace(" ", "-"),
      x: left * width, y: top * height, width: wide * width, height: high * height,
    }));
    return draw("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...boxes);
  };

  const picture = (number) => {
    const image = data.images[number];
    const src = source(number);
    if (!src) return make("div", { class: "no-picture" }, "no picture");
    const shown = make("img", { src, alt: described(number), title: image.uri });
    return make("div", { class: "picture" }, shown, ...(image.boxes ? [frames(image)] : []));
  };

  const confidence = (sure) => make("small", {},
    sure === undefined || sure === null
      ? (data.thing === "object" ? "not found" : "not returned") : `${sure.toFixed(1)} %`);

  const row = (title, named, nothing) => {
    const said = named.map(([label, sure]) => make("span", { class: "said" },
      make("b", {}, labelText(label)), " ", confidence(sure)));
    if (!said.length) said.push(make("span", { class: "said" }, nothing));
    return make("div", {}, make("dt", {}, title), make("dd", {}, ...said));
  };

  const labelRows = (image) => [
    row(image.split ? "Annotated" : "Is",
      image.truth.map((label) => [label, image.sure[label]]), "none of the labels"),
    row(image.split ? "Model says" : "Model said",
      image.said.map((label) => [label, image.sure[label]]), "no label"),
  ];

  const objectRows = (image) =>
    [["Missed", "miss"], ["False alarm", "false alarm"], ["Found", "hit"]]
      .map(([title, mark]) => [title, image.boxes.filter((box) => box[1] === mark)])
      .filter(([, boxes]) => boxes.length)
      .map(([title, boxes]) => row(title, boxes.map(([label, , sure]) => [label, sure]), ""));

  const card = (number) => {
    const image = data.images[number];
    const kinds = image.kinds
      ? [make("p", { class: "kinds" },
        ...image.kinds.map((kind) => make("span", { class: "tag" }, kind)))] : [];
    return make("li", { class: "card", "data-number": number },
      picture(number),
      ...kinds,
      make("dl", {}, ...(image.boxes ? objectRows(image) : labelRows(image))),
      make("p", { class: "file", title: image.uri },
        `${image.split ? `${image.split}: ` : ""}${fileName(image.uri)}`));
  };

  /* Fill a list with cards, a page of them at a time; `more` is the button that adds a page. */
  const PAGE = 48;
  const fillCards = (list, numbers, more) => {
    let shown = 0;
    const add = () => {
      const next = numbers.slice(shown, shown + PAGE);
      const first = shown;
      list.append(...next.map(card));
      shown += next.length;
      more.hidden = shown >= numbers.length;
      more.textContent = `Show ${Math.min(PAGE, numbers.length - shown)} more`;
      return first;
    };
    list.replaceChildren();
    more.onclick = () => {
      const first = list.children[add()];
      first.tabIndex = -1;
      first.focus();
    };
    add();
  };

  const close = make("button", { type: "button", class: "close" }, "Close");
  const title = make("h2", { id: "pictures-title" });
  const told = make("p", { class: "note" });
  const cards = make("ul", { class: "cards" });
  const moreCards = make("button", { type: "button", class: "more" });
  const dialog = make("dialog", { "aria-labelledby": "pictures-title" },
    make("div", { class: "bar-top" }, title, close), told, cards, moreCards);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  const open = (heading, numbers, all, noun = data.thing) => {
    title.textContent = heading;
    const shown = `${counted(numbers.length, "picture")} of ${counted(all, noun)}`;
    told.textContent = numbers.length ? shown
      : `No picture of ${counted(all, noun)} is in this page; predictions.jsonl lists every image.`;
    fillCards(cards, numbers, moreCards);
    dialog.showModal();
    dialog.scrollTop = 0;
  };

  const inCell = (truth, said) => data.images.flatMap((image, number) =>
    image.cells.some((cell) => cell[0] === truth && cell[1] === said) ? [number] : []);

  const heading = (truth, said) => truth === said
    ? `${labelText(truth)}, judged rightly`
    : `${labelText(truth)} taken for ${labelText(said)}`;

  const cellCounts = new Map(data.cells.map(([truth, said, count]) => [`${truth} ${said}`, count]));

  /* What is marked with data-cell="<truth> <prediction>[, more cells]" opens the pictures of those cells. */
  const makeOpener = (place) => {
    const cells = place.dataset.cell.split(",").map((cell) => cell.trim().split(" ").map(Number));
    const [truth, said] = cells[0];
    const button = make("button", { type: "button", class: "opener" }, ...place.childNodes);
    const all = cells.reduce((sum, cell) => sum + (cellCounts.get(cell.join(" ")) ?? 0), 0);
    if (place.tagName === "TD")
      button.setAttribute("aria-label",
        `${counted(all, data.thing)}: ${heading(truth, said)}. Show pictures`);
    button.addEventListener("click", () => {
      const numbers = new Set(cells.flatMap((cell) => inCell(...cell)));
      const text = cells.length > 1
        ? `${labelText(truth)} and ${labelText(said)}, mixed up` : heading(truth, said);
      open(text, [...numbers].sort((a, b) => a - b), all);
    });
    place.append(button);
  };

  const makeStrip = (place) => {
    const numbers = place.dataset.images.split(" ").filter(Boolean).map(Number);
    if (!numbers.length) return;
    const few = numbers.filter(source).slice(0, 6);
    const button = make("button", { type: "button", class: "more" },
      `Show ${counted(numbers.length, "image")}`);
    button.setAttribute("aria-label", `${button.textContent}: ${place.dataset.title}`);
    button.addEventListener("click", () =>
      open(place.dataset.title, numbers, numbers.length, "image"));
    const strip = make("div", { class: "thumbs" }, ...few.map(picture));
    place.append(...(few.length ? [strip] : []), button);
    place.hidden = false;
  };

  const startPictures = () => {
    document.body.append(dialog);
    document.querySelectorAll("[data-cell]").forEach(makeOpener);
    document.querySelectorAll("[data-images]").forEach(makeStrip);
  };
