// The field in which a patient signs. Without it the name is typed: the field stays hidden.
(function () {
  "use strict";
  var WIDTH = 600, HEIGHT = 200, LEAST_STEP = 2; // as plans/core/strokes.py has them

  function set(pad) {
    var form = pad.closest("form"), canvas = pad.querySelector("canvas"), pen = canvas.getContext("2d");
    var field = form.querySelector("[data-strokes]"), typed = form.querySelector("[name=is_typed]");
    var strokes = [], current = null;

    function place(event) {
      var box = canvas.getBoundingClientRect();
      var x = Math.round((event.clientX - box.left) / box.width * WIDTH), y = Math.round((event.clientY - box.top) / box.height * HEIGHT);
      return [Math.max(0, Math.min(WIDTH, x)), Math.max(0, Math.min(HEIGHT, y))];
    }
    function draw() {
      pen.clearRect(0, 0, WIDTH, HEIGHT);
      pen.strokeStyle = getComputedStyle(canvas).color;
      pen.lineWidth = 3;
      pen.lineCap = pen.lineJoin = "round";
      strokes.forEach(function (stroke) {
        pen.beginPath();
        pen.moveTo(stroke[0][0], stroke[0][1]);
        stroke.forEach(function (point) { pen.lineTo(point[0], point[1]); });
        pen.stroke();
      });
    }
    function keep() {
      field.value = strokes.map(function (stroke) {
        return stroke.map(function (point) { return point.join(","); }).join(" ");
      }).join(";");
      draw();
    }
    canvas.addEventListener("pointerdown", function (event) {
      if (event.button) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      current = [place(event)];
      strokes.push(current);
      if (typed) typed.checked = false;
      draw();
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!current) return;
      var point = place(event), last = current[current.length - 1];
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) < LEAST_STEP) return;
      current.push(point);
      draw();
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function () { if (current) { current = null; keep(); } });
    });
    pad.querySelector("[data-clear]").addEventListener("click", function () { strokes = []; keep(); });
    if (typed) typed.addEventListener("change", function () { if (typed.checked) { strokes = []; keep(); } });
    // What was drawn before an error of another field is shown again.
    strokes = (field.value || "").split(";").filter(Boolean).map(function (stroke) {
      return stroke.split(" ").map(function (point) { return point.split(",").map(Number); });
    });
    pad.hidden = false;
    draw();
  }

  document.querySelectorAll("[data-sign-pad]").forEach(set);
})();
