// Asks the browser for a passkey and posts its answer as an ordinary form. Without it, all but passkeys works.
const BYTES = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readOptions(sent) {
  const options = { ...sent, challenge: toBytes(sent.challenge) };
  if (sent.user) {
    options.user = { ...sent.user, id: toBytes(sent.user.id) };
  }
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    options[list] = (sent[list] ?? []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));
  }
  return options;
}

function writeAnswer(credential) {
  const { response } = credential;
  const answer = { id: toText(credential.rawId), response: { transports: response.getTransports?.() ?? [] } };
  for (const name of BYTES) {
    if (response[name]?.byteLength) {
      answer.response[name] = toText(response[name]);
    }
  }
  return JSON.stringify(answer);
}

async function fetchOptions(form) {
  const token = form.querySelector("input[name^=csrf]");
  const body = new URLSearchParams({ [token.name]: token.value });
  const reply = await fetch(form.dataset.options, { method: "POST", body });
  if (reply.status === 401 || reply.status === 403) {
    // The session ended or has to be confirmed: the page knows where that is done.
    location.reload();
  }
  if (!reply.ok) {
    throw new Error(`the site answered ${reply.status}`);
  }
  return readOptions(await reply.json());
}

async function use(form) {
  const publicKey = await fetchOptions(form);
  const isNew = form.dataset.passkey === "create";
  const credential = await navigator.credentials[isNew ? "create" : "get"]({ publicKey });
  form.elements.namedItem("credential").value = writeAnswer(credential);
  form.submit();
}

async function answer(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  const problem = form.querySelector("[data-passkey-problem]");
  button.disabled = true;
  problem.hidden = true;
  try {
    await use(form);
  } catch {
    // Whatever it was, the person may try again or go on without; browsers tell little by design.
    problem.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", answer);
    form.hidden = false;
  }
  for (const note of document.querySelectorAll("[data-passkey-missing]")) {
    note.hidden = true;
  }
}
