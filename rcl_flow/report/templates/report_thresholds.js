  const sum = (steps) => {
    let total = 0;
    return steps.map((step) => (total += step));
  };

  /* Counts at or above each confidence, made when a label is first looked at. */
  const totals = new Map();
  const curveOf = (number) => {
    if (!totals.has(number)) {
      const { confidences, hits, alarms, positives } = data.curves[number];
      totals.set(number, { confidences, hits: sum(hits), alarms: sum(alarms), positives });
    }
    return totals.get(number);
  };

  const over = (part, whole) => (whole > 0 ? part / whole : 0);

  /* An answer counts when its confidence is at or above the threshold, as in the service.
     The factor is a little below 100, since 0.55 * 100 is more than 55. */
  const scoreAt = (curve, threshold) => {
    const least = threshold * 99.9999999999;
    let [low, high] = [0, curve.confidences.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (curve.confidences[middle] >= least) low = middle + 1;
      else high = middle;
    }
    const hits = low ? curve.hits[low - 1] : 0;
    const alarms = low ? curve.alarms[low - 1] : 0;
    const misses = curve.positives - hits;
    return {
      hits, alarms, misses,
      precision: over(hits, hits + alarms),
      recall: over(hits, hits + misses),
      f1: over(2 * hits, 2 * hits + alarms + misses),
    };
  };

  const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join("L")}`;
  const TICKS = [0, 0.25, 0.5, 0.75, 1];

  const axes = (across, up) => [
    ...TICKS.flatMap((tick) => [
      draw("path", { class: "tick", d: `M${tick * 100} 0V100M0 ${100 - tick * 100}H100` }),
      draw("text", { class: "axis", x: tick * 100, y: 108, "text-anchor": "middle" }, `${tick}`),
      draw("text", { class: "axis", x: -2.5, y: 101.5 - tick * 100, "text-anchor": "end" },
        `${tick}`),
    ]),
    draw("path", { class: "frame", d: "M0 0V100H100" }),
    draw("text", { class: "axis", x: 50, y: 117, "text-anchor": "middle" }, across),
    draw("text", { class: "axis", x: -12, y: -5, "text-anchor": "start" }, up),
  ];

  const recallChart = (curve, marks) => {
    const points = curve.hits.map((hits, step) => [
      over(hits, curve.positives) * 100, 100 - over(hits, hits + curve.alarms[step]) * 100]);
    const dots = marks.map(([name, threshold]) => {
      const { precision, recall } = scoreAt(curve, threshold);
      return draw("circle", { class: `mark ${name}`, cx: recall * 100, cy: 100 - precision * 100,
        r: 2.2 });
    });
    const at = draw("circle", { class: "at", r: 3.2 });
    const move = ({ precision, recall }) =>
      fill(at, { cx: recall * 100, cy: 100 - precision * 100 }, []);
    const drawn = draw("svg", { class: "curve large", viewBox: "-14 -10 120 130", role: "img" },
      ...axes("recall", "precision"),
      ...(points.length ? [draw("path", { class: "line", d: path(points) })] : []), ...dots, at);
    return { drawn, move };
  };

  const thresholdChart = (curve, marks) => {
    const scores = [];
    for (let x = 0; x <= 200; x += 1) scores.push([x / 2, scoreAt(curve, x / 200)]);
    const answered = scores.filter(([, score]) => score.hits + score.alarms > 0);
    const line = (name, some) => draw("path", { class: `line ${name}`,
      d: some.length ? path(some.map(([x, score]) => [x, 100 - score[name] * 100])) : "M0 0" });
    const uprights = marks.map(([name, threshold]) =>
      draw("path", { class: `mark ${name}`, d: `M${threshold * 100} 0V100` }));
    const at = draw("path", { class: "now" });
    const dot = draw("circle", { class: "at", r: 3.2 });
    const move = ({ f1 }, threshold) => {
      fill(at, { d: `M${threshold * 100} 0V100` }, []);
      fill(dot, { cx: threshold * 100, cy: 100 - f1 * 100 }, []);
    };
    const drawn = draw("svg", { class: "curve large", viewBox: "-14 -10 120 130", role: "img" },
      ...axes("threshold", "score"), ...uprights,
      line("precision", answered), line("recall", scores), line("f1", scores), at, dot);
    return { drawn, move };
  };

  const startThresholds = () => {
    const tool = byId("threshold-tool");
    if (!tool || !data.curves.length) return;
    const [picker, range, number, marksPlace, status, charts, mean, changes, reset] = ["label",
      "range", "number", "marks", "status", "charts", "mean", "changes", "reset"].map((name) =>
      byId(`threshold-${name}`));
    const figures = tool.querySelectorAll("[data-figure]");
    const inUse = data.curves.map((curve) => curve.marks[0][1]);
    const set = inUse.slice();
    const f1s = set.map((threshold, index) => scoreAt(curveOf(index), threshold).f1);
    const judged = data.curves.flatMap((curve, index) => (curve.positives ? [index] : []));
    let current = 0;
    let parts = [];
    let timer = 0;

    const tell = (score) => {
      const text = `${data.curves[current].label} at ${number.value}: F1 ${ratio(score.f1)}, ` +
        `precision ${ratio(score.precision)}, recall ${ratio(score.recall)}`;
      clearTimeout(timer);
      timer = setTimeout(() => { status.textContent = text; }, 350);
    };

    const tellAll = () => {
      const average = (values) =>
        judged.reduce((total, index) => total + values(index), 0) / Math.max(judged.length, 1);
      const now = average((index) => f1s[index]);
      mean.dataset.value = now;
      mean.textContent = ratio(now);
      const other = data.curves.flatMap((curve, index) =>
        set[index] === inUse[index] ? []
          : [`      ${JSON.stringify(curve.label)}: {objective: fixed, fixed: ${set[index]}}`]);
      changes.textContent = other.length
        ? ["evaluation:", "  thresholds:", "    labels:", ...other].join("\n")
        : "# No threshold was moved.";
    };

    const show = (score) => {
      for (const place of figures) {
        const value = score[place.dataset.figure];
        place.dataset.value = value;
        place.textContent = Number.isInteger(value) && "f1 precision recall"
          .split(" ").indexOf(place.dataset.figure) < 0 ? value.toLocaleString("en") : ratio(value);
      }
      for (const button of marksPlace.querySelectorAll("button"))
        button.setAttribute("aria-pressed", String(Number(button.value) === set[current]));
      for (const part of parts) part.move(score, set[current]);
    };

    const moveTo = (threshold, from) => {
      set[current] = threshold;
      if (from !== range) range.value = threshold;
      if (from !== number) number.value = threshold;
      range.setAttribute("aria-valuetext", `${threshold}`);
      const score = scoreAt(curveOf(current), threshold);
      f1s[current] = score.f1;
      show(score);
      tell(score);
      tellAll();
    };

    const pick = (index) => {
      current = index;
      picker.value = index;
      const { label, marks, exact } = data.curves[index];
      const curve = curveOf(index);
      parts = [recallChart(curve, marks), thresholdChart(curve, marks)];
      parts[0].drawn.setAttribute("aria-label", `Precision over recall of ${label}`);
      parts[1].drawn.setAttribute("aria-label", `Precision, recall and F1 of ${label} by threshold`);
      parts.forEach((part, at) => charts.children[at].firstElementChild.replaceWith(part.drawn));
      marksPlace.replaceChildren(...marks.map(([name, threshold]) => {
        const button = make("button", { type: "button", value: threshold, class: name },
          `${name[0].toUpperCase()}${name.slice(1)} ${thresholdText(threshold)}`);
        button.addEventListener("click", () => moveTo(threshold));
        return button;
      }));
      byId("threshold-thinned").hidden = exact;
      moveTo(set[index]);
    };

    picker.append(...data.curves.map((curve, index) =>
      make("option", { value: index }, curve.label)));
    picker.addEventListener("change", () => pick(Number(picker.value)));
    range.addEventListener("input", () => moveTo(range.valueAsNumber, range));
    number.addEventListener("input", () => {
      const typed = number.valueAsNumber;
      if (typed >= 0 && typed <= 1) moveTo(typed, number);
    });
    reset.addEventListener("click", () => {
      data.curves.forEach((_, index) => {
        set[index] = inUse[index];
        f1s[index] = scoreAt(curveOf(index), inUse[index]).f1;
      });
      moveTo(inUse[current]);
    });
    for (const place of document.querySelectorAll("[data-curve]")) {
      const index = data.curves.findIndex((curve) => curve.label === place.dataset.curve);
      if (index < 0) continue;
      const button = make("button", { type: "button", class: "opener" }, ...place.childNodes);
      button.addEventListener("click", () => {
        pick(index);
        tool.scrollIntoView({ block: "start" });
        range.focus({ preventScroll: true });
      });
      place.append(button);
    }
    tool.hidden = false;
    pick(0);
  };
