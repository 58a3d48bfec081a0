// Sends one large file in chunks and goes on where it broke off. Without this script, and for small
// files, the form is sent as it is.
"use strict";

(() => {
  const SMALL = 1024 * 1024;
  const WAITS = [1, 2, 4, 8, 15, 30, 30, 60, 60, 120, 120, 300]; // seconds between tries
  const find = (selector, within = document) => within.querySelector(selector);
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const pause = (seconds) =>
    new Promise((resolve) => {
      window.setTimeout(resolve, seconds * 1000);
      window.addEventListener("online", resolve, { once: true });
    });

  class Refused extends Error {}
  class Broken extends Error {}

  const form = find("form[data-in-chunks]");
  if (!form) return;

  const ask = async (address, options = {}) => {
    let answer;
    try {
      answer = await fetch(address, {
        ...options,
        headers: { "X-CSRFToken": find("[name=csrfmiddlewaretoken]", form).value },
      });
    } catch {
      throw new Broken();
    }
    if (answer.redirected) window.location.reload(); // signed out meanwhile
    if (answer.status >= 500) throw new Broken();
    const told = await answer.json().catch(() => ({}));
    const isOurs = "offset" in told || "dispatch" in told; // not the page of a proxy on the way
    if (answer.ok && !isOurs) throw new Broken();
    if (answer.ok || answer.status === 409) return told;
    throw new Refused(told.reason ?? "");
  };

  // The address of a broken-off upload is kept, so that choosing the same file goes on with it.
  const label = (file) => `upload ${file.name} ${file.size} ${file.lastModified}`;
  const begun = async (file) => {
    const kept = window.localStorage.getItem(label(file));
    if (kept) {
      try {
        return await ask(kept);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
    }
    const announced = new FormData();
    announced.set("name", file.name);
    announced.set("size", file.size);
    for (const name of ["reference", "sender"]) {
      announced.set(name, find(`[name=${name}]`, form).value);
    }
    const state = await ask(form.dataset.inChunks, { method: "POST", body: announced });
    window.localStorage.setItem(label(file), state.chunks);
    return state;
  };

  const send = async (file) => {
    let tries = 0;
    for (;;) {
      try {
        let state = await begun(file);
        while (state.offset < file.size) {
          show(file, state.offset);
          const body = file.slice(state.offset, state.offset + state.chunk_bytes);
          state = await ask(`${state.chunks}?offset=${state.offset}`, { method: "POST", body });
          tries = 0;
        }
        show(file, file.size);
        const done = await ask(state.finish, { method: "POST" });
        if (!done.dispatch) throw new Broken();
        window.localStorage.removeItem(label(file));
        window.location.assign(done.dispatch);
        return;
      } catch (error) {
        if (!(error instanceof Broken) || tries >= WAITS.length) throw error;
        find("[data-broken]", form).hidden = false;
        await pause(WAITS[tries]);
        tries += 1;
      }
    }
  };

  const show = (file, sent) => {
    const sending = find("[data-sending]", form);
    const bar = find("progress", sending);
    sending.hidden = false;
    bar.max = file.size;
    bar.value = sent;
    find("[data-bytes]", sending).textContent =
      `${megabytes(sent)} / ${megabytes(file.size)} MB`;
    find("[data-gone]", sending).hidden = sent < file.size;
    find("[data-broken]", sending).hidden = true;
  };

  const giveUp = (file, error) => {
    if (error instanceof Refused) window.localStorage.removeItem(label(file));
    const failed = find("[data-send-failed]", form);
    find("[data-sending]", form).hidden = true;
    if (error instanceof Refused && error.message) failed.textContent = error.message;
    failed.hidden = false;
    delete form.dataset.sent;
    find("button[type=submit]", form).disabled = false;
  };

  document.addEventListener(
    "submit",
    (event) => {
      const files = find("input[type=file]", form).files;
      if (event.target !== form || event.defaultPrevented) return;
      if (files.length !== 1 || files[0].size <= SMALL) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      find("[data-send-failed]", form).hidden = true;
      find("button[type=submit]", form).disabled = true;
      send(files[0]).catch((error) => giveUp(files[0], error));
    },
    true,
  );
})();
