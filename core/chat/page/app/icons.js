// icons.js - the few signs of the page, drawn as SVG elements; always decoration beside words.

const SHAPES = {
  running: "M12 3a9 9 0 1 0 9 9",
  done: "M5 12.5l4.500 4.500L19 7.500",
  failed: "M12 7v6m0 3.500v.500M12 3l9.500 17h-19z",
  denied: "M6 6l12 12M18 6L6 18",
  waiting: "M9 9a3 3 0 1 1 4 2.800c-1 .400-1 1.200-1 2.200m0 3v.500",
  notice: "M6 16V11a6 6 0 1 1 12 0v5l1.500 2h-15zM10 20.500h4",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24",
    width: 18,
    height: 18,
    "aria-hidden": "true",
    class: `icon icon-${name}`,
  })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
