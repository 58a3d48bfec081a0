// The one script. It finds its work by data- attributes and adds to pages that work without it.
"use strict";

(() => {
  const WIDE = window.matchMedia("(min-width: 75rem)");
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const isTyping = (target) =>
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit])");
  const say = (words) => {
    const place = find("[data-say]");
    if (place) place.textContent = words;
  };

  // --- Copy -------------------------------------------------------------------------------------
  const copy = async (button) => {
    const shown = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "✓";
      say(button.getAttribute("aria-label") + " ✓");
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.previousElementSibling);
      window.getSelection().removeAllRanges();
      window.getSelection().addRange(range);
    }
    window.setTimeout(() => (button.textContent = shown), 1500);
  };

  // --- A list worked by keyboard: data-rows on the table, data-row on each row --------------------
  const rows = () => all("[data-rows] [data-row]");
  const current = () => find("[data-rows] [data-row][aria-current=true]");

  const mark = (row) => {
    rows().forEach((other) => other.removeAttribute("aria-current"));
    if (!row) return;
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(current());
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by;
    const row = list[Math.min(Math.max(next, 0), list.length - 1)];
    mark(row);
    find("a[data-open]", row)?.focus({ preventScroll: true });
  };

  const open = (row) => {
    const link = find("a[data-open]", row);
    if (!link) return;
    mark(row);
    if (link.hasAttribute("hx-get") && WIDE.matches && window.htmx) {
      window.htmx.trigger(link, "open-beside");
    } else {
      window.location.assign(link.href);
    }
  };

  // --- Selection: data-check-all, boxes named by data-check, counts by data-checked ----------------
  const recount = (form) => {
    const boxes = all("[data-check]", form);
    const count = boxes.filter((box) => box.checked).length;
    all("[data-checked]", form).forEach((place) => (place.textContent = String(count)));
    all("[data-needs-checked]", form).forEach((button) => (button.disabled = count === 0));
    const whole = find("[data-check-all]", form);
    if (whole) {
      whole.checked = count > 0 && count === boxes.length;
      whole.indeterminate = count > 0 && count < boxes.length;
    }
  };
  const recountAll = () => all("form").filter((form) => find("[data-check]", form)).forEach(recount);

  // --- One click, one act -------------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    form.dataset.sent = "yes";
  }, true);
  const settle = () => all("form[data-sent]").forEach((form) => delete form.dataset.sent);
  window.addEventListener("pageshow", settle);

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-check-all]")) {
      all("[data-check]", box.form).forEach((one) => (one.checked = box.checked));
    }
    if (box.matches("[data-check-all], [data-check]")) recount(box.form);
    if (box.matches("[data-send-on-change]")) box.form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      copy(button);
      return;
    }
    if (event.target.closest("[data-print]")) window.print();
    const link = event.target.closest("a[data-open]");
    const row = event.target.closest("[data-row]");
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link && row) {
      event.preventDefault();
      open(row);
      return;
    }
    const isOther = event.target.closest("a, button, input, select, label, summary, details");
    if (row && !isOther && !String(window.getSelection())) open(row);
    all("details.drop[open]").forEach((drop) => {
      if (!drop.contains(event.target)) drop.open = false;
    });
  });

  // --- Keys: data-key on whatever a key presses, opens or goes to ---------------------------------
  const press = (key) => {
    const target = all(`[data-key="${CSS.escape(key)}"]`).find((one) => one.checkVisibility());
    if (!target) return false;
    if (target.matches("details")) {
      all("details.drop[open]").forEach((drop) => (drop.open = false));
      target.open = true;
      (find("[data-first]", target) ?? find("input, select, textarea, button", target))?.focus();
    } else if (target.hasAttribute("data-focus")) {
      target.focus();
    } else {
      target.click();
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const opened = find("details.drop[open]");
    if (event.key === "Escape") {
      if (opened) {
        opened.open = false;
        find("summary", opened).focus();
      } else if (isTyping(event.target)) {
        event.target.blur();
      }
      return;
    }
    if (isTyping(event.target)) return;
    const letter = opened && find(`[data-letter="${CSS.escape(event.key)}"]`, opened);
    if (letter) {
      event.preventDefault();
      letter.click();
      return;
    }
    const isControl = event.target.matches("a, button, summary, input");
    const acts = {
      j: () => step(1),
      k: () => step(-1),
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      x: () => current() && find("[data-check]", current())?.click(),
      "/": () => find("[data-search]")?.focus(),
      "?": () => find("[data-help]")?.showPopover(),
    };
    const isList = Boolean(find("[data-rows]"));
    if (event.key === "Enter" && !isControl && current()) {
      open(current());
    } else if (event.key.startsWith("Arrow") && (!isList || !current())) {
      return;
    } else if (acts[event.key] && (isList || "/?".includes(event.key))) {
      acts[event.key]();
    } else if (!press(event.key)) {
      return;
    }
    event.preventDefault();
  });

  // --- The pane beside a list ---------------------------------------------------------------------
  // A form in it may name by data-leaves the row that the act takes out of the list.
  document.addEventListener("htmx:afterRequest", (event) => {
    settle();
    // The form itself is gone by now: its request still knows it.
    const leaves = event.detail.requestConfig?.elt.dataset.leaves;
    if (!leaves || !event.detail.successful) return;
    const row = find(`[data-row="${CSS.escape(leaves)}"]`);
    if (!row) return;
    row.classList.add("is-leaving");
    window.setTimeout(() => {
      row.remove();
      follow();
    }, 160);
  });
  const follow = () => {
    const shown = find("[data-pane] [data-shows]");
    if (shown) mark(find(`[data-row="${CSS.escape(shown.dataset.shows)}"]`));
    recountAll();
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.target.closest?.("[data-pane]")) return;
    const pane = find("[data-pane]");
    pane.scrollTop = 0;
    follow();
  });
  const failed = () => {
    const pane = find("[data-pane]");
    if (pane) pane.textContent = pane.dataset.failed;
  };
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);

  recountAll();
})();
