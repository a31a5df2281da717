// Sets the theme before the first paint: loaded in <head> without defer; the choice is kept in localStorage.
(function () {
  var root = document.documentElement, dark = window.matchMedia("(prefers-color-scheme: dark)");
  function show() { root.dataset.bsTheme = localStorage.getItem("theme") || (dark.matches ? "dark" : "light"); }
  show();
  dark.addEventListener("change", show);
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-toggle]")) return;
    localStorage.setItem("theme", root.dataset.bsTheme === "dark" ? "light" : "dark");
    show();
  });
})();
