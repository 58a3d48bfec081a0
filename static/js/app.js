// The one script. It finds its work by data- attributes and adds to pages that work without it.
"use strict";

(() => {
  const WIDE = window.matchMedia("(min-width: 75rem)");
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const isTyping = (target) =>
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit])");
  // What a page may wait for: hx-trigger="list-changed from:document"
  const tell = (name) => document.dispatchEvent(new CustomEvent(name));
  const FEW = 10;
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
    delete event.detail.elt.dataset?.sent;
    // The form itself is gone by now: its request still knows it.
    const { leaves, returns } = event.detail.requestConfig?.elt.dataset ?? {};
    if (!event.detail.successful) return;
    if (returns !== undefined) changed(true);
    if (!leaves) return;
    const row = find(`[data-row="${CSS.escape(leaves)}"]`);
    row?.classList.add("is-leaving");
    window.setTimeout(() => {
      row?.remove();
      follow();
      changed(rows().length < FEW);
    }, 160);
  });
  // The counts above a list follow every act; its rows only when asked, and never over ticks.
  const changed = (wantsRows) => {
    tell("list-changed");
    if (wantsRows && !find("[data-check]:checked")) tell("rows-wanted");
  };
  const follow = () => {
    const shown = find("[data-pane] [data-shows]");
    if (shown) mark(find(`[data-row="${CSS.escape(shown.dataset.shows)}"]`));
    recountAll();
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const refused = event.target.isConnected && find("[aria-invalid=true]", event.target);
    if (refused && document.activeElement === document.body) refused.focus();
    const pane = event.target.closest?.("[data-pane]");
    if (pane) {
      pane.scrollTop = 0;
      say(all(".notice, h2", pane).slice(0, 2).map((one) => one.textContent.trim()).join(". "));
    } else if (!event.target.closest?.("[data-rows]")) {
      return;
    }
    follow();
  });
  const failed = (event) => {
    const asked = event.detail.elt;
    const sending = find("[data-sending]", asked);
    if (sending) {
      sending.hidden = true;
      find("[data-send-failed]", asked).hidden = false;
      return;
    }
    // A poll that fails says nothing: the next one will come.
    if (!asked.closest("[data-rows], [data-pane]")) return;
    const pane = find("[data-pane]");
    if (pane) pane.textContent = pane.dataset.failed;
  };
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);

  // --- Polls rest while the tab is hidden, and catch up when it is seen again ----------------------
  document.addEventListener("htmx:beforeRequest", (event) => {
    const isPoll = event.detail.elt.getAttribute("hx-trigger")?.includes("every ");
    if (document.hidden && isPoll) event.preventDefault();
  });
  // The server must not take a poll for an act of the officer: the session would never lock.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent) event.detail.headers["X-Poll"] = "1";
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) tell("tab-shown");
  });

  // --- Sending a file: data-sending in its form shows how much has gone ----------------------------
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  document.addEventListener("htmx:xhr:loadstart", (event) => {
    const sending = find("[data-sending]", event.target);
    if (!sending || !sending.hidden) return;
    sending.hidden = false;
    find("[data-send-failed]", event.target).hidden = true;
    say(sending.dataset.sending);
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const sending = find("[data-sending]", event.target);
    const { loaded, total, lengthComputable } = event.detail;
    const bar = sending && find("progress", sending);
    // The answer comes in by the same event: it is smaller than what was sent.
    if (!bar || !lengthComputable || total < Number(sending.dataset.total ?? 0)) return;
    sending.dataset.total = String(total);
    bar.max = total;
    bar.value = loaded;
    find("[data-bytes]", sending).textContent = `${megabytes(loaded)} / ${megabytes(total)} MB`;
    find("[data-gone]", sending).hidden = loaded < total;
  });

  // --- Folded on a phone: data-open-wide opens where there is room ---------------------------------
  const ROOMY = window.matchMedia("(min-width: 44rem)");
  const unfold = (within) => {
    if (!ROOMY.matches) return;
    all("details[data-open-wide]", within).forEach((one) => {
      one.open = true;
      one.removeAttribute("data-open-wide");
    });
  };
  document.addEventListener("htmx:afterSettle", (event) => unfold(event.target));

  unfold(document);
  recountAll();
})();
