// The diary's grid: keys, details, dragging, the line of now, and what others change. Without it the list and its forms still work.
(function () {
  "use strict";
  var root = document.documentElement, STEP = 5, PRESS = 15, POLL_MS = 5000;
  var drag = null; // what is being dragged: null between two drags

  function one(selector, scope) { return (scope || document).querySelector(selector); }
  function all(selector, scope) { return Array.from((scope || document).querySelectorAll(selector)); }
  function grid() { return one(".diary-grid"); }
  function clockWords(minute) {
    return String(Math.floor(minute / 60)).padStart(2, "0") + ":" + String(minute % 60).padStart(2, "0");
  }

  // --- places: a class says where a block begins and how long it is ------------------------------------------------
  function number(element, prefix) {
    var found = Array.from(element.classList).find(function (name) { return name.indexOf(prefix) === 0; });
    return found ? Number(found.slice(prefix.length)) : 0;
  }
  function put(element, at, minutes) {
    placesOf(element).forEach(function (name) { element.classList.remove(name); });
    element.classList.add("at-" + at);
    if (minutes) element.classList.add("for-" + minutes);
  }
  function placesOf(element) {
    return Array.from(element.classList).filter(function (name) { return /^(at|for)-\d+$/.test(name); });
  }

  // --- keys: arrows lead from visit to visit, m opens the form that moves one ---------------------------------------
  function visitsIn(scope) { return all(".appt[id]", scope); }
  function rove(current) {
    visitsIn(grid() || document.createElement("div")).forEach(function (visit) { visit.tabIndex = visit === current ? 0 : -1; });
  }
  function beside(visit, step) {
    var lanes = all(".diary-lane[data-with]", grid());
    for (var n = lanes.indexOf(visit.parentElement) + step; lanes[n]; n += step) {
      var near = visitsIn(lanes[n]).sort(function (a, b) {
        return Math.abs(number(a, "at-") - number(visit, "at-")) - Math.abs(number(b, "at-") - number(visit, "at-"));
      })[0];
      if (near) return near;
    }
    return null;
  }
  function along(visit, step) {
    var visits = visitsIn(visit.parentElement).sort(function (a, b) { return number(a, "at-") - number(b, "at-"); });
    return visits[visits.indexOf(visit) + step];
  }
  function onGridKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest) return;
    var frame = event.target.closest(".diary"), visit = event.target.closest(".appt[id]");
    if (!frame) return;
    var arrow = { ArrowUp: [along, -1], ArrowDown: [along, 1], ArrowLeft: [beside, -1], ArrowRight: [beside, 1] }[event.key];
    if (arrow) {
      event.stopPropagation(); // a day further is the page's meaning of arrows, not the grid's
      if (!visit) return;
      event.preventDefault();
      var next = arrow[0](visit, arrow[1]);
      if (next) next.focus();
    } else if (event.key === "m" && visit && localStorage.getItem("keys") !== "off") {
      var form = one('[data-move="' + visit.dataset.v + '"]');
      if (form) { event.preventDefault(); event.stopPropagation(); form.click(); }
    }
  }

  // --- details: what the list says of a visit, beside the block pointed at or focused -------------------------------
  var card = null, cardTimer = 0;
  function hideCard() {
    clearTimeout(cardTimer);
    if (card) card.remove();
    card = null;
  }
  function showCard(block) {
    hideCard();
    var row = one('[data-row="' + block.dataset.v + '"]'), frame = block.closest(".diary");
    if (!row || !frame || drag) return;
    card = document.createElement("div");
    card.className = "visit-card";
    card.setAttribute("aria-hidden", "true");
    card.dataset.of = block.dataset.v;
    Array.from(row.children).forEach(function (part) {
      if (part.matches(".act")) return;
      var copy = part.cloneNode(true);
      copy.removeAttribute("id");
      all("a", copy).forEach(function (link) {
        var words = document.createElement("b");
        words.textContent = link.textContent;
        link.replaceWith(words);
      });
      card.append(copy);
    });
    put(card, number(block, "at-"), 0);
    var lane = block.parentElement.getBoundingClientRect(), view = frame.getBoundingClientRect();
    card.classList.toggle("flips", lane.right + 310 > view.right);
    card.classList.toggle("rises", block.getBoundingClientRect().top > view.top + view.height / 2);
    block.parentElement.append(card);
  }
  function soon(what, ms) { clearTimeout(cardTimer); cardTimer = setTimeout(what, ms); }
  function onOver(event) {
    var block = event.target.closest && event.target.closest(".diary .appt[data-v]");
    if (block && (!card || card.dataset.of !== block.dataset.v)) soon(function () { showCard(block); }, 300);
    else if (block || (event.target.closest && event.target.closest(".visit-card"))) clearTimeout(cardTimer);
    else if (card && !card.matches(":hover")) soon(hideCard, 150);
    else if (!card) clearTimeout(cardTimer);
  }

  // --- dragging: a visit to another time or column, its lower edge, or a session from the tray ---------------------
  function rowHeight(lane) { return lane.getBoundingClientRect().height / (Number(grid().dataset.hours) * 60 / STEP); }
  function snap(minute) { return Math.round(minute / STEP) * STEP; }
  function begin(state) {
    drag = state;
    hideCard();
    root.classList.add(drag.stretches ? "is-stretching" : "is-dragging");
    drag.block.classList.add("dragged");
    drag.ghost = document.createElement("div");
    drag.ghost.className = "appt ghost";
    drag.ghost.append(document.createElement("span"));
    requestAnimationFrame(frameByFrame);
  }
  function laneAt(x, y) {
    var under = document.elementsFromPoint(x, y);
    if (under.some(function (each) { return each.closest(".diary-head, .diary-col.hours"); })) return null;
    return under.map(function (each) { return each.closest(".diary-lane[data-with]"); }).find(Boolean) || null;
  }
  function isTaken(lane, at, minutes) { // only a hint: the server decides, and knows the room and the device too
    return all(".appt:not(.ghost, .dragged), .off", lane).some(function (other) {
      var begins = number(other, "at-");
      return !(drag.visit && other.dataset.v === drag.visit.dataset.v) && begins < at + minutes && at < begins + number(other, "for-");
    });
  }
  function follow() {
    var lane = drag.stretches ? drag.lane : laneAt(drag.x, drag.y), first = Number(grid().dataset.first);
    if (!lane || (drag.lane && lane.dataset.kind !== drag.lane.dataset.kind)) { drag.ghost.remove(); drag.to = null; return; }
    var minute = (drag.y - lane.getBoundingClientRect().top) / rowHeight(lane) * STEP, last = Number(grid().dataset.hours) * 60;
    var at = drag.at, minutes = drag.minutes;
    if (drag.stretches) minutes = Math.max(STEP, Math.min(snap(minute) - at, last - at, 720));
    else at = Math.max(0, Math.min(snap(minute - drag.grip), last - minutes));
    var to = drag.to;
    if (to && to.lane === lane && to.at === at && to.minutes === minutes) return; // nothing to draw between two steps
    put(drag.ghost, at, minutes);
    var taken = isTaken(lane, at, minutes);
    drag.ghost.classList.toggle("is-taken", taken);
    drag.ghost.firstChild.textContent = clockWords(first + at) + "–" + clockWords(first + at + minutes) + (taken ? ", " + grid().dataset.taken : "");
    if (drag.ghost.parentElement !== lane) lane.append(drag.ghost);
    drag.to = { lane: lane, at: at, minutes: minutes };
  }
  function frameByFrame() {
    if (!drag) return;
    var frame = one(".diary"), view = frame.getBoundingClientRect(), edge = 40, head = 66;
    var down = drag.y > Math.min(view.bottom, innerHeight) - edge ? 1 : drag.y < view.top + head + edge ? -1 : 0;
    var across = drag.x > view.right - edge ? 1 : drag.x < view.left + 52 + edge ? -1 : 0;
    if (drag.x > view.left - edge && drag.x < view.right + edge && drag.y > view.top - edge && (down || across)) {
      frame.scrollBy(across * 10, down * 10);
      if (down > 0 && view.bottom > innerHeight) scrollBy(0, 10);
      drag.isStale = true;
    }
    if (drag.isStale) { drag.isStale = false; follow(); }
    requestAnimationFrame(frameByFrame);
  }
  function finish(carry) {
    var done = drag;
    drag = null;
    root.classList.remove("is-dragging", "is-stretching");
    done.block.classList.remove("dragged");
    done.ghost.remove();
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(function () { document.removeEventListener("click", swallow, { capture: true }); }, 50);
    if (carry && done.to) send(done);
  }
  function swallow(event) { event.preventDefault(); event.stopPropagation(); }
  function freshKey() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64; bytes[8] = bytes[8] & 63 | 128; // version 4 (RFC 9562)
    var text = Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  function send(done) {
    var lane = done.to.lane, first = Number(grid().dataset.first), visit = done.visit;
    if (!visit) {
      var sep = done.href.indexOf("?") < 0 ? "?" : "&";
      location.assign(done.href + sep + "day=" + lane.dataset.day + "&minute=" + (first + done.to.at) + "&with=" + lane.dataset.with);
      return;
    }
    var moved = done.to.at - done.at, grown = done.to.minutes - done.minutes;
    if (!moved && !grown && lane === done.lane) return;
    var form = one("#drop"), fields = form.elements;
    fields.key.value = freshKey();
    fields.version.value = visit.dataset.n;
    fields.day.value = lane.dataset.day;
    fields.minute.value = Number(visit.dataset.s) + moved;
    fields.with.value = lane.dataset.with;
    fields.minutes.value = grown ? Number(visit.dataset.m) + grown : "";
    fields.minutes.disabled = !grown;
    form.action = form.getAttribute("action").replace("/0/", "/" + visit.dataset.v + "/");
    keepScroll();
    form.submit();
  }
  function grab(event) {
    var block = event.target.closest && event.target.closest(".diary .appt[data-v], [data-book]");
    if (!block || event.button !== 0 || drag || !grid()) return null;
    var x = event.clientX, y = event.clientY;
    if (block.dataset.book) {
      return { block: block, href: block.href, x: x, y: y, at: 0, grip: 0, minutes: Math.max(snap(Number(block.dataset.book)), STEP), lane: null };
    }
    var visit = document.getElementById("v" + block.dataset.v), box = block.getBoundingClientRect();
    if (!visit || !visit.dataset.n || !one("#drop")) return null;
    var stretches = block === visit && y > box.bottom - 7 && box.height > 16;
    if (!stretches && "stays" in visit.dataset) return null; // who is here already stays; the visit may take longer
    var lane = block.parentElement, under = (y - lane.getBoundingClientRect().top) / rowHeight(lane) * STEP;
    return {
      block: block, visit: visit, lane: lane, x: x, y: y, at: number(block, "at-"), minutes: number(block, "for-"),
      grip: under - number(block, "at-"), stretches: stretches,
    };
  }
  function watchDrag() {
    var held = null, timer = 0;
    document.addEventListener("pointerdown", function (event) {
      held = grab(event);
      if (!held || event.pointerType === "mouse") return;
      var mine = held; // a finger scrolls; held still for a moment, it drags
      timer = setTimeout(function () { if (held === mine) begin(mine); }, 400);
    });
    document.addEventListener("pointermove", function (event) {
      if (drag) { drag.x = event.clientX; drag.y = event.clientY; drag.isStale = true; return; }
      if (!held || Math.hypot(event.clientX - held.x, event.clientY - held.y) < 5) return;
      if (event.pointerType !== "mouse") { held = null; return; }
      begin(held);
      drag.x = event.clientX; drag.y = event.clientY;
      follow();
    });
    function end(carry) { clearTimeout(timer); held = null; if (!drag) return; if (drag.isStale) follow(); finish(carry); }
    document.addEventListener("pointerup", function () { end(true); });
    document.addEventListener("pointercancel", function () { end(false); });
    window.addEventListener("blur", function () { end(false); });
    document.addEventListener("touchmove", function (event) { if (drag) event.preventDefault(); }, { passive: false });
    document.addEventListener("contextmenu", function (event) { if (drag) event.preventDefault(); });
    document.addEventListener("dragstart", function (event) {
      if (event.target.closest && event.target.closest(".diary, [data-book]")) event.preventDefault();
    });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      if (drag) { event.preventDefault(); event.stopPropagation(); end(false); } else hideCard();
    }, true);
    document.addEventListener("dblclick", function (event) {
      var link = one("[data-new]"), lane = event.target;
      if (!link || !lane.matches(".diary-lane[data-with]")) return;
      var under = (event.clientY - lane.getBoundingClientRect().top) / rowHeight(lane) * STEP;
      var minute = Number(grid().dataset.first) + Math.floor(under / PRESS) * PRESS; // a press is less exact than a drag
      location.assign(link.href + "?day=" + lane.dataset.day + "&minute=" + minute + "&with=" + lane.dataset.with);
    });
  }

  // --- now: the line moves each minute, by the clinic's clock and not by this machine's zone ------------------------
  var drawnAt = Date.now();
  function showNow() {
    var frame = grid();
    if (!frame || !frame.dataset.now) return;
    var minute = Number(frame.dataset.now) + Math.floor((Date.now() - drawnAt) / 60000), at = minute - Number(frame.dataset.first);
    all(".now-line, .hours .now", frame).forEach(function (mark) {
      mark.hidden = at < 0 || at >= Number(frame.dataset.hours) * 60;
      if (mark.hidden) return;
      put(mark, snapDown(at), number(mark, "for-"));
      if (mark.matches(".now")) mark.textContent = clockWords(minute);
    });
  }
  function snapDown(minute) { return Math.floor(minute / STEP) * STEP; }

  // --- what others change: asked for every five seconds while somebody looks and nothing is dragged -----------------
  var kept = null;
  function isLive(event) { return event.detail.elt && event.detail.elt.id === "live"; }
  function poll() {
    var live = one("#live");
    if (!live || !window.htmx || document.hidden || drag || live.classList.contains("htmx-request")) return;
    window.htmx.trigger(live, "poll");
  }
  function beforeSwap(event) {
    if (!isLive(event)) return;
    sayOnline(true);
    if (drag) { event.detail.shouldSwap = false; return; }
    var frame = one(".diary"), inside = document.activeElement && document.activeElement.closest("#live");
    kept = { top: frame ? frame.scrollTop : 0, left: frame ? frame.scrollLeft : 0, y: scrollY, focus: inside ? document.activeElement.id : null, was: Boolean(inside) };
  }
  function afterSwap() {
    if (!kept) return;
    var frame = one(".diary"), focus = kept.focus && document.getElementById(kept.focus);
    start();
    if (frame) frame.scrollTo(kept.left, kept.top);
    scrollTo(scrollX, kept.y);
    if (kept.was) (focus || frame || document.body).focus({ preventScroll: true });
    kept = null;
  }
  function sayOnline(isOnline) { var words = one("#diary-offline"); if (words) words.hidden = isOnline; }
  function watchChanges() {
    document.addEventListener("htmx:beforeSwap", beforeSwap);
    document.addEventListener("htmx:afterSettle", function () { if (kept) afterSwap(); });
    ["htmx:sendError", "htmx:responseError"].forEach(function (name) {
      document.addEventListener(name, function (event) {
        if (!isLive(event)) return;
        event.stopImmediatePropagation(); // a line that stays says it, not a notice every five seconds
        sayOnline(false);
      }, true);
    });
    document.addEventListener("htmx:afterRequest", function (event) {
      if (isLive(event) && event.detail.successful) sayOnline(true);
    });
    document.addEventListener("visibilitychange", poll);
    setInterval(poll, POLL_MS);
  }

  // --- where the eye was: a drop loads the page anew, and it opens where it was left ---------------------------------
  function keepScroll() {
    var frame = one(".diary");
    sessionStorage.setItem("diary", JSON.stringify({ path: location.pathname, top: frame.scrollTop, left: frame.scrollLeft, y: scrollY }));
  }
  function openWhereLeft() {
    var frame = one(".diary"), text = sessionStorage.getItem("diary"), left = text ? JSON.parse(text) : null;
    sessionStorage.removeItem("diary");
    if (!frame) return;
    if (left && left.path === location.pathname) { frame.scrollTo(left.left, left.top); scrollTo(0, left.y); return; }
    var line = one(".now-line", frame);
    if (line && !line.hidden) frame.scrollTop = line.offsetTop - frame.clientHeight / 3;
  }
  function watchTray() {
    var tray = one("#tray");
    if (!tray) return;
    tray.addEventListener("toggle", function () { localStorage.setItem("diary-tray", tray.open ? "open" : ""); });
    if (localStorage.getItem("diary-tray") === "open") tray.open = true;
  }

  function start() {
    drawnAt = Date.now();
    hideCard();
    rove(visitsIn(grid() || document.createElement("div"))[0]);
    showNow();
  }
  document.addEventListener("DOMContentLoaded", function () {
    start();
    openWhereLeft();
    watchDrag();
    watchChanges();
    watchTray();
    setInterval(showNow, 15000);
    document.addEventListener("keydown", onGridKey, true);
    document.addEventListener("mouseover", onOver);
    document.addEventListener("focusin", function (event) {
      var visit = event.target.closest && event.target.closest(".diary .appt[id]");
      if (!visit) { if (card) hideCard(); return; }
      rove(visit);
      if (visit.matches(":focus-visible")) showCard(visit);
    });
  });
})();
