// What runs in the browser: titles and focus after a change of page, light or dark, choosing runs, clicks in figures.
(function () {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const skip = () => window.dash_clientside.no_update;
  let here = null;

  function theme(choice) {
    const wanted = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = wanted;
    return wanted;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    evometa: {
      // The page has changed: name it, and let keyboard and screen reader begin where it begins.
      arrive: function (shown) {
        if (!shown) return skip();
        document.title = shown.title + " · evometa";
        const address = String(shown.pathname) + (shown.search || "");
        if (here !== null && here !== address) {
          window.scrollTo(0, 0);
          const main = document.getElementById("main");
          if (main) main.focus({ preventScroll: true });
        }
        here = address;
      },

      theme: function (choice) {
        return [theme(choice), "Theme: " + ({ light: "light", dark: "dark" }[choice] || "system")];
      },

      next_theme: function (clicks, choice) {
        if (!clicks) return skip();
        const order = ["auto", "light", "dark"];
        return order[(order.indexOf(choice || "auto") + 1) % order.length];
      },

      // Only the page that is there asks whether anything is new, and for the figures that were not ready yet.
      tick: function (count, shown, drawn) {
        const list = shown && shown.page === "runs";
        return [list ? skip() : count, list ? count : skip(), !list && drawn && drawn.partial ? count : skip()];
      },

      // Not all figures were ready: ask for the others at once.
      more: function (drawn) {
        if (drawn && drawn.partial) window.dash_clientside.set_props("draw-tick", { data: Date.now() });
      },

      // One of a group of buttons was pressed: which, and how each is to look.
      press: function (clicks, names, before) {
        const context = window.dash_clientside.callback_context;
        const pressed = context.triggered_id && context.triggered.some((one) => one.value);
        const now = pressed ? context.triggered_id.name : before;
        return [pressed ? now : skip(), names.map((id) => String(id.name === now))];
      },

      choose: function (clicks, chosen) {
        const context = window.dash_clientside.callback_context;
        if (!context.triggered_id || !context.triggered.some((one) => one.value)) return skip();
        const name = context.triggered_id.name;
        const before = chosen || [];
        return before.includes(name) ? before.filter((one) => one !== name) : before.concat([name]);
      },

      chosen: function (chosen, rows, buttons, most) {
        const all = chosen || [];
        const runs = all.slice(0, most);
        const address = "/compare" + runs.map((run, n) => (n ? "&" : "?") + "run=" + encodeURIComponent(run)).join("");
        const words = runs.length < 2 ? "Compare: choose two or more" : "Compare " + runs.length + " runs";
        const more = all.length > most ? " (the first " + most + ")" : "";
        return [
          rows.map((id) => String(all.includes(id.name))),
          buttons.map(() => address),
          buttons.map(() => words + more),
          address,
        ];
      },

      // A point of a family tree was clicked: go to that individual. (The table below the tree has the same as links.)
      follow: function (clicks, names, page) {
        const place = names.findIndex((id) => id.name === "lineage");
        const click = place < 0 ? null : clicks[place];
        const number = click && click.points && click.points.length && click.points[0].customdata;
        if (!page || !page.follow || !Number.isInteger(number)) return skip();
        return page.follow + number;
      },
    },
  });

  dark.addEventListener("change", function () {
    if (window.dash_clientside.set_props) window.dash_clientside.set_props("system", { data: Date.now() });
  });
  theme("auto");
})();
