// Comfort only: the blog works without this file.
const READING_TIME_MS = 5000;

async function countView(viewsUrl, tokenUrl) {
  const answer = await fetch(tokenUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    return;
  }
  const { token } = await answer.json();
  await fetch(viewsUrl, { method: "POST", headers: { "X-CSRF-Token": token }, keepalive: true });
}

function askFirst(event) {
  if (!window.confirm(event.currentTarget.dataset.confirm)) {
    event.preventDefault();
  }
}

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", askFirst);
}

const post = document.querySelector("[data-views-url]");
if (post) {
  const { viewsUrl, tokenUrl } = post.dataset;
  // A view that cannot be counted is of no concern to the reader.
  setTimeout(() => countView(viewsUrl, tokenUrl).catch(() => {}), READING_TIME_MS);
}
