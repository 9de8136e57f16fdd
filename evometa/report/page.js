// Draws the figures, in the colours that the reader's system asks for, and again when it asks for others.
(() => {
  "use strict";
  const {figures, template, palettes, config} = JSON.parse(document.getElementById("data").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)");

  // Every colour of a figure is one of the light palette; exchange it for that of the same role.
  const colours = (name) => new Map(Object.keys(palettes.light).map((role) => [palettes.light[role], palettes[name][role]]));
  const swapped = (value, map) => {
    if (typeof value === "string") return map.has(value) ? map.get(value) : value;
    if (Array.isArray(value)) return value.map((item) => swapped(item, map));
    if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, swapped(item, map)]));
    }
    return value;
  };

  const draw = (name) => {
    const map = colours(name);
    for (const [figure, {data, layout}] of Object.entries(figures)) {
      const place = document.getElementById("figure-" + figure);
      if (!place) continue;
      const full = swapped({...layout, template}, map);
      if (touch.matches) full.dragmode = false; // a finger scrolls the page
      Plotly.react(place, swapped(data, map), full, config);
    }
  };

  const redraw = () => draw(dark.matches ? "dark" : "light");
  dark.addEventListener("change", redraw);
  addEventListener("beforeprint", () => draw("light"));
  addEventListener("afterprint", redraw);
  redraw();
})();
