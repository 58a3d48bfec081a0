// When nobody is at the page it warns, then takes the content out of the document and locks the
// session. The server locks by itself too; this script only makes the screen follow.
"use strict";

(() => {
  const sitting = document.querySelector("[data-sitting]");
  const template = document.querySelector("template[data-locked]");
  if (!sitting || !template) return;

  const TELL_EVERY = 60_000; // how often the server hears that somebody is here
  const milliseconds = (name) => Number(sitting.dataset[name]) * 1000;
  const token = template.content.querySelector("[name=csrfmiddlewaretoken]").value;
  const others = new BroadcastChannel("sitting"); // the other tabs of this browser
  const over = Date.now() + milliseconds("over");
  let acted = Date.now();
  let told = acted;
  let isLocked = false;

  const post = (address) =>
    fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      redirect: "manual",
      keepalive: true,
    }).catch(() => {}); // without the network the server locks by its own clock

  const lock = ({ tell }) => {
    if (isLocked) return;
    isLocked = true;
    const { pathname, search } = window.location;
    document.body.replaceChildren(template.content.cloneNode(true));
    document.title = document.querySelector("h1").textContent;
    document.querySelector("[name=next]").value = pathname + search;
    document.querySelector("[type=password]").focus();
    if (!tell) return;
    post(sitting.dataset.lock);
    others.postMessage("locked");
  };

  const act = () => {
    if (isLocked) return;
    acted = Date.now();
    if (acted - told < TELL_EVERY && sitting.hidden) return;
    sitting.hidden = true;
    told = acted;
    post(sitting.dataset.seen);
    others.postMessage("acted");
  };

  // The warning stays while the pointer travels to its button, or the click would fall through it.
  const notice = (event) => {
    const isOnlyMoved = event.type === "pointermove" || sitting.contains(event.target);
    if (sitting.hidden || !isOnlyMoved) act();
  };

  const look = () => {
    const left = Math.min(acted + milliseconds("idle"), over) - Date.now();
    if (left <= 0) {
      lock({ tell: true });
    } else if (left <= milliseconds("warning")) {
      sitting.querySelector("[data-seconds]").textContent = String(Math.ceil(left / 1000));
      sitting.hidden = false;
    } else {
      sitting.hidden = true;
    }
  };

  others.addEventListener("message", ({ data }) => {
    if (data === "locked") lock({ tell: false });
    if (data === "acted") acted = told = Date.now();
  });
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(name, notice, { capture: true, passive: true });
  }
  sitting.querySelector("[data-stay]").addEventListener("click", act);
  document.addEventListener("visibilitychange", look); // timers rest in a hidden tab or a sleeping machine
  window.addEventListener("pageshow", look);
  window.setInterval(look, 1000);
})();
