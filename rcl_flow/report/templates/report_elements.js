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
  const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
