// Elements from data, never from text: nothing a client typed is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "hidden") element.hidden = true;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

// A condition that does not hold leaves false or null where an element would stand.
const present = (children) => children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);
export const replace = (element, ...children) => element.replaceChildren(...present(children));

export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

let terms = 0;

/** A word with the field's own term behind it, reachable by pointer and keyboard. */
export function term(plain, technical) {
  const id = `term-${++terms}`;
  return h("span", { class: "term", tabindex: "0", "aria-describedby": id }, plain, h("span", { role: "tooltip", id }, technical));
}

/** A colour of the theme that is in force now. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Calls back now and whenever the element's width or the theme changes. */
export function onLook(element, draw) {
  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth !== width && element.clientWidth > 0) {
      width = element.clientWidth;
      draw();
    }
  }).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
