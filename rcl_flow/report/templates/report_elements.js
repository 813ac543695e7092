  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("report-data");
  const pictures = read("report-pictures");
  const byId = (id) => document.getElementById(id);

  const fill = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const make = (tag, attributes = {}, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const drawing = document.querySelector("svg").namespaceURI;
  const draw = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS(drawing, tag), attributes, children);

  const labelText = (number) => (number < 0 ? "(none)" : data.labels[number]);
  const ratio = (value) => value.toFixed(3);
  /* So many decimals that a threshold is not taken for 0 or 1. */
  const thresholdText = (value) => value.toFixed(value === 0 || value === 1 ? 3
    : [3, 4, 5].find((digits) => !/^(0\.0+|1\.0+)$/.test(value.toFixed(digits))) ?? 6);
  const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
