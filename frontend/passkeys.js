// Asks the browser for a passkey (WebAuthn) and sends its answer along with the form.
// The forms stay hidden where there is none, and where the page is not secure.

const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0),
);
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function read({ publicKey }) {
  const asked = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (asked.user) asked.user = { ...asked.user, id: bytes(asked.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    asked[list] = (asked[list] ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return asked;
}

function written(made) {
  const answer = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) answer[name] = text(made.response[name]);
  }
  return JSON.stringify({
    id: made.id, rawId: text(made.rawId), type: made.type, response: answer,
    clientExtensionResults: {},
  });
}

async function answered(form) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const asked = await fetch(form.dataset.options, {
    method: "POST", headers: { "X-CSRFToken": token },
  });
  if (!asked.ok) throw new Error(String(asked.status));
  const publicKey = read(await asked.json());
  return form.dataset.passkey === "make"
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey });
}

export function startPasskeys(root) {
  if (!window.PublicKeyCredential) return;
  root.querySelectorAll("[data-passkey-offer]").forEach((one) => { one.hidden = false; });
  root.querySelectorAll("form[data-passkey]").forEach((form) => {
    if (form.dataset.started) return;
    form.dataset.started = "yes";
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const fault = form.querySelector("[data-passkey-fault]");
      fault.hidden = true;
      try {
        form.querySelector("[data-answer]").value = written(await answered(form));
        form.submit();
      } catch {
        fault.hidden = false;
      }
    });
  });
}
