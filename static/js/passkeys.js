// Asks the browser for a passkey: data-passkey on the form is "create" or "get", data-options the
// server's question. The answer goes back in the form's hidden field "answer" or "again-answer".
// The form may come in later, by htmx.
"use strict";

(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  const question = (form) => {
    const { publicKey } = JSON.parse(form.dataset.options);
    const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
    publicKey.challenge = bytes(publicKey.challenge);
    if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
    publicKey.excludeCredentials = known(publicKey.excludeCredentials);
    publicKey.allowCredentials = known(publicKey.allowCredentials);
    return { publicKey };
  };

  const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature"];
  const answer = (credential) => {
    const response = {};
    for (const part of PARTS) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: {},
    });
  };

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-passkey-ask]");
    const form = button?.closest("form[data-passkey]");
    if (!form || !form.reportValidity()) return;
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    button.disabled = true;
    try {
      const credential = await navigator.credentials[form.dataset.passkey](question(form));
      form.querySelector("[name$=answer]").value = answer(credential);
      form.submit();
    } catch {
      failed.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
})();
