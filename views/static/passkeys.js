// Asks the browser for a passkey and sends its answer with the form it stands in.
(function () {
  "use strict";
  var form = document.querySelector("form[data-passkey]");
  if (!form) return;
  var said = document.getElementById("khoa-bao");

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (sign) { return sign.charCodeAt(0); });
  }
  function text(buffer) {
    if (!buffer) return null;
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function opened(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.allowCredentials || options.excludeCredentials || []).forEach(function (one) {
      one.id = bytes(one.id);
    });
    return { publicKey: options };
  }
  function written(key) {
    var answer = key.response;
    return JSON.stringify({
      id: key.id, rawId: text(key.rawId), type: key.type,
      clientExtensionResults: key.getClientExtensionResults(),
      response: {
        clientDataJSON: text(answer.clientDataJSON),
        attestationObject: text(answer.attestationObject) || undefined,
        authenticatorData: answer.signature ? text(answer.authenticatorData) : undefined,
        signature: text(answer.signature) || undefined,
        userHandle: text(answer.userHandle) || undefined
      }
    });
  }
  function ask(event) {
    if (form.elements.credential.value) return;
    event.preventDefault();
    said.textContent = form.dataset.waiting;
    var options = opened(JSON.parse(form.dataset.passkey));
    var keys = navigator.credentials;
    (options.publicKey.user ? keys.create(options) : keys.get(options)).then(function (key) {
      form.elements.credential.value = written(key);
      form.submit();
    }).catch(function () { said.textContent = form.dataset.failed; });
  }
  if (!window.PublicKeyCredential) { said.textContent = form.dataset.unknown; return; }
  form.addEventListener("submit", ask);
}());
