// A page that the browser brings back from memory is asked for anew, and shows nothing until then: whoever was
// signed in may be so no longer. Without this file such a page shows for as long as the browser keeps it.
addEventListener("pagehide", (event) => {
  if (event.persisted) {
    document.documentElement.hidden = true;
  }
});

addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});
