/* The page that goes to the printer asks for it by itself; without this script the button does. */
(function () {
  "use strict";
  window.addEventListener("load", function () {
    if (document.querySelector("[data-print-now]")) window.print();
  });
})();
