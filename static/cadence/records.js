// The record of a treatment: what differs from last time is marked at once, and a save that got lost is repeated.
(function () {
  "use strict";
  // A pause in writing saves; whoever writes without one is saved all the same.
  var PAUSE_MS = 1200, LONGEST_MS = 4000, AGAIN_MS = 5000;

  function saidIn(part) {
    var ticks = part.querySelectorAll("input[type=radio], input[type=checkbox]");
    if (!ticks.length) return part.querySelector("input, select, textarea").value.trim().replace(",", ".");
    return Array.from(ticks).filter(function (tick) { return tick.checked; })
      .map(function (tick) { return tick.value; }).join(" ");
  }
  function mark(part) {
    var said = saidIn(part);
    part.classList.toggle("is-changed", said !== "" && said !== part.dataset.before);
  }

  document.addEventListener("DOMContentLoaded", function () {
    var form = document.getElementById("record");
    if (!form) return;
    var saver = form.querySelector(".autosave"), timer = 0, since = 0, isDirty = false;

    function save() { since = 0; window.htmx.trigger(saver, "save"); }
    function later(wait) { clearTimeout(timer); timer = setTimeout(save, wait); }
    form.addEventListener("input", function (event) {
      isDirty = true;
      since = since || Date.now();
      later(Math.max(0, Math.min(PAUSE_MS, since + LONGEST_MS - Date.now())));
      var part = event.target.closest("[data-before]");
      if (part) mark(part);
    });
    // A value beyond its limits asks for a reason at once; what is only not written yet is not held against anybody.
    document.addEventListener("htmx:oobBeforeSwap", function (event) {
      var said = event.detail.fragment.firstElementChild, there = event.detail.target;
      if (said && "missing" in said.dataset && there.hidden) event.detail.shouldSwap = false;
    });
    document.addEventListener("htmx:afterSwap", function () {
      var why = form.querySelector("[data-why]");
      if (why) why.hidden = !("beyond" in document.getElementById("saved").dataset);
    });
    // A lost save says so, and is tried again until one arrives.
    function lost(event) {
      if (event.detail.elt !== saver) return;
      isDirty = true;
      var words = form.querySelector("[data-lost]");
      if (words) words.hidden = false;
      later(AGAIN_MS);
    }
    document.addEventListener("htmx:sendError", lost);
    document.addEventListener("htmx:responseError", lost);
    document.addEventListener("htmx:beforeRequest", function (event) {
      if (event.detail.elt === saver) isDirty = false;
    });
    form.addEventListener("change", function () { if (isDirty) later(200); });
    form.addEventListener("submit", function () { isDirty = false; clearTimeout(timer); });
    // A tab that is closed or put aside sends what is not saved yet; the answer is not waited for.
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState !== "hidden" || !isDirty) return;
      isDirty = false;
      fetch(saver.getAttribute("hx-post"), {
        method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true, headers: { "HX-Request": "true" }
      });
    });
  });
})();
