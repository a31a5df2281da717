// What pages cannot do by themselves. Everything here is an addition: without it every form and link still works.
(function () {
  "use strict";
  var root = document.documentElement;

  // --- keys: an element says its own key in data-key; fields are focused, anything else is pressed -----------------
  function keysAreOn() { return localStorage.getItem("keys") !== "off"; }
  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }
  function showKeys() {
    document.querySelectorAll("[data-keys-toggle]").forEach(function (button) {
      button.setAttribute("aria-checked", String(keysAreOn()));
    });
    root.classList.toggle("no-keys", !keysAreOn());
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !keysAreOn()) return;
    var found = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (!found || document.querySelector(".modal.show, dialog[open]")) return;
    event.preventDefault();
    if (isTyping(found)) { found.focus(); found.select(); } else found.click();
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-keys-toggle]")) return;
    localStorage.setItem("keys", keysAreOn() ? "off" : "on");
    showKeys();
  });

  // --- search: arrows walk through what was found, Escape closes it ------------------------------------------------
  document.addEventListener("keydown", function (event) {
    var find = event.target.closest(".find");
    if (!find) return;
    var field = find.querySelector("[type=search]"), found = find.querySelector(".found");
    if (event.key === "Escape") { found.replaceChildren(); field.focus(); return; }
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    var stops = [field].concat(Array.from(found.querySelectorAll("a[href], button")));
    var next = stops[stops.indexOf(event.target) + step];
    if (next) { event.preventDefault(); next.focus(); }
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest(".find")) return;
    document.querySelectorAll(".find .found").forEach(function (found) { found.replaceChildren(); });
  });

  // --- menus (details.menu): Escape and a press elsewhere close them ----------------------------------------------
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // --- forms: one press is one sending -----------------------------------------------------------------------------
  function buttonsOf(form) {
    return Array.from(form.elements).filter(function (element) { return element.type === "submit"; });
  }
  function release(form) {
    buttonsOf(form).forEach(function (button) {
      if (button.dataset.sent) { button.disabled = false; delete button.dataset.sent; }
    });
  }
  function hold(form) {
    buttonsOf(form).forEach(function (button) {
      if (!button.disabled) { button.disabled = true; button.dataset.sent = "yes"; }
    });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.target || form.hasAttribute("data-repeatable")) return;
    // After this turn: a button that is disabled at once would not be sent with its name and value.
    setTimeout(function () { hold(form); }, 0);
    // A file that is downloaded leaves the page standing.
    setTimeout(function () { release(form); }, 8000);
  });
  window.addEventListener("pageshow", function () { Array.from(document.forms).forEach(release); });
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt.matches("form")) hold(event.detail.elt);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt.matches("form")) release(event.detail.elt);
  });

  // --- disclosure: data-opens="id" shows that part while its box or radio is chosen --------------------------------
  function disclose(scope) {
    scope.querySelectorAll("input[data-opens]").forEach(function (input) {
      var part = document.getElementById(input.dataset.opens);
      if (part) part.hidden = !input.checked;
    });
  }
  document.addEventListener("change", function (event) {
    if (event.target.matches("input[type=checkbox], input[type=radio]")) disclose(event.target.form || document);
  });

  // --- toasts: eight seconds, not while pointed at or focused; faults stay -----------------------------------------
  function showToasts(scope) {
    scope.querySelectorAll(".toast:not([data-shown])").forEach(function (toast) {
      toast.dataset.shown = "yes";
      window.bootstrap.Toast.getOrCreateInstance(toast).show();
    });
  }
  function sayWentWrong() {
    var stencil = document.getElementById("went-wrong"), tray = document.getElementById("toasts");
    if (!stencil || !tray) return;
    tray.append(stencil.content.cloneNode(true));
    showToasts(tray);
  }
  document.addEventListener("htmx:responseError", sayWentWrong);
  document.addEventListener("htmx:sendError", sayWentWrong);

  // --- focus: what was swapped in says where reading goes on -------------------------------------------------------
  function first(scope, selector) { return scope.matches(selector) ? scope : scope.querySelector(selector); }
  function focusOn(element) {
    if (!element) return;
    if (!element.matches("a[href], button, input, select, textarea")) element.tabIndex = -1;
    element.focus();
  }
  document.addEventListener("htmx:load", function (event) {
    var scope = event.detail.elt;
    if (scope === document.body) return;
    disclose(scope);
    showToasts(scope.parentElement || scope);
    focusOn(first(scope, "[data-errors]") || first(scope, "[data-focus]"));
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-send-on-change]")) event.target.form.requestSubmit();
  });

  document.addEventListener("DOMContentLoaded", function () {
    root.classList.add("has-scripts");
    showKeys();
    disclose(document);
    showToasts(document);
    focusOn(document.querySelector("[data-errors]"));
  });
})();
