// Photos: the camera with the last photo showing through, and two photos under one slider.
// Everything here is an addition: without it the file fields and the pictures side by side do the same work.
(function () {
  "use strict";
  function one(place, what) { return place.querySelector(what); }

  // --- comparing: the later photo lies over the earlier one, cut where the slider stands ---------------------------
  document.querySelectorAll("[data-compare]").forEach(function (compare) {
    var tools = one(compare.parentNode, "[data-compare-tools]");
    var slider = one(tools, "input"), beside = one(tools, "[data-beside]");
    function draw() { compare.style.setProperty("--at", slider.value + "%"); }
    slider.addEventListener("input", draw);
    compare.addEventListener("pointermove", function (event) {
      if (!event.buttons || !compare.classList.contains("is-over")) return;
      var frame = compare.getBoundingClientRect();
      slider.value = String(Math.round((event.clientX - frame.left) / frame.width * 100));
      draw();
    });
    beside.addEventListener("click", function () {
      var isOver = compare.classList.toggle("is-over");
      beside.setAttribute("aria-pressed", String(!isOver));
      slider.disabled = !isOver;
    });
    compare.classList.add("is-over");
    tools.hidden = false;
    draw();
  });

  // --- taking ------------------------------------------------------------------------------------------------------
  var form = document.querySelector("[data-photo-form]");
  if (!form) return;
  var finder = one(form, "[data-finder]"), video = one(finder, "video"), canvas = one(finder, "canvas");
  var ghost = one(form, "[data-ghost]"), strength = one(form, "[data-ghost-strength]");
  var open = one(form, "[data-open]"), shoot = one(form, "[data-shoot]"), again = one(form, "[data-again]");
  var said = one(form, "[data-camera-said]"), byFile = one(form, "[data-by-file]"), camera = one(form, "[name=camera]"), file = one(form, "[name=file]");
  var stream = null;

  // The last photo of what is chosen: alone in the list beside, and over what the camera sees.
  function chosen(name) {
    var box = form.querySelector("[name=" + name + "]:checked");
    return box ? box.value : "";
  }
  function showBefore() {
    var found = null;
    form.querySelectorAll("[data-before] > li").forEach(function (row) {
      var fits = row.dataset.area === chosen("area") && row.dataset.view === chosen("view");
      row.hidden = !fits;
      if (fits) found = row;
    });
    one(form, "[data-no-before]").hidden = found !== null;
    ghost.hidden = strength.hidden = !found || finder.hidden;
    if (!ghost.hidden && ghost.getAttribute("src") !== found.dataset.src) ghost.src = found.dataset.src;
  }
  function fade() { ghost.style.opacity = String(one(strength, "input").value / 100); }
  form.addEventListener("change", function (event) {
    if (event.target.name === "area" || event.target.name === "view") showBefore();
  });
  one(strength, "input").addEventListener("input", fade);

  // What will be sent, shown before it is sent. A kind that this browser cannot draw is sent unseen.
  function preview(blob) {
    createImageBitmap(blob, { imageOrientation: "from-image" }).then(function (bitmap) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      bitmap.close();
      finder.hidden = canvas.hidden = false;
      video.hidden = true;
      showBefore();
    }).catch(function () {
      if (!stream) finder.hidden = true;
      showBefore();
    });
  }
  function chose(field, other) {
    if (!field.files.length) return;
    other.value = "";
    close();
    preview(field.files[0]);
  }
  camera.addEventListener("change", function () { chose(camera, file); });
  file.addEventListener("change", function () { chose(file, camera); });

  // The camera itself: only where the browser lets a page see it.
  function close() {
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    open.hidden = false;
    shoot.hidden = again.hidden = true;
  }
  function start() {
    said.textContent = "";
    var wish = { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 3072 } };
    navigator.mediaDevices.getUserMedia({ video: wish, audio: false }).then(function (found) {
      stream = found;
      video.srcObject = found;
      finder.hidden = video.hidden = false;
      canvas.hidden = open.hidden = again.hidden = true;
      shoot.hidden = false;
      showBefore();
      shoot.focus();
    }).catch(function () {
      // Not allowed, or in use elsewhere: the button below asks the device's own camera.
      said.textContent = form.dataset.noCamera || "";
      byFile.hidden = false;
    });
  }
  function drawn() {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", 0.95); });
  }
  function take() {
    // The camera's own full size where the browser can ask for it; else what is on the screen.
    if (!window.ImageCapture) return drawn();
    return new ImageCapture(stream.getVideoTracks()[0]).takePhoto().catch(drawn);
  }
  shoot.addEventListener("click", function () {
    shoot.disabled = true;
    take().then(function (blob) {
      var sent = new DataTransfer();
      sent.items.add(new File([blob], "photo.jpg", { type: blob.type || "image/jpeg" }));
      camera.files = sent.files;
      file.value = "";
      close();
      open.hidden = true;
      again.hidden = false;
      preview(blob);
      one(form, "[type=submit]").focus();
    }).finally(function () { shoot.disabled = false; });
  });
  again.addEventListener("click", function () {
    camera.value = "";
    start();
  });
  open.addEventListener("click", start);
  window.addEventListener("pagehide", close);
  // The page's own camera shows the last photo through; the device's is for browsers that have none.
  if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
    one(form, "[data-live]").hidden = false;
    byFile.hidden = !one(byFile, ".invalid");
  }
  showBefore();
  fade();
})();
