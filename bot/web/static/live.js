/* Keeps a list of texts fresh: asks for the list again, and puts in only what is new or has changed.
   Pages work without this file; then a link or a reload does the same. */
"use strict";

(function () {
  function update(box, fresh) {
    const list = box.querySelector("[data-live-list]");
    if (!list || !fresh) return false;
    const known = new Map();
    for (const item of list.children) known.set(item.dataset.key, item);
    let changed = false;
    let place = null;
    for (const item of Array.from(fresh.children)) {
      const old = known.get(item.dataset.key);
      if (old && old.dataset.mark === item.dataset.mark) {
        place = old;
        continue;
      }
      changed = true;
      const node = document.importNode(item, true);
      if (old) old.replaceWith(node);
      else if (place) place.after(node);
      else list.prepend(node);
      place = node;
    }
    for (const name of ["newest", "waiting"]) {
      if (name in fresh.dataset) list.dataset[name] = fresh.dataset[name];
    }
    return changed;
  }

  async function look(box) {
    const list = box.querySelector("[data-live-list]");
    const url = new URL(box.dataset.live, location.href);
    if (list && list.dataset.newest) url.searchParams.set("seen", list.dataset.newest);
    const answer = await fetch(url, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    if (update(box, page.querySelector("[data-live-list]"))) {
      if ("liveEnd" in box.dataset && atEnd) box.scrollTop = box.scrollHeight;
      const empty = document.querySelector(".phone-empty");
      if (empty) empty.hidden = true;
    }
  }

  for (const box of document.querySelectorAll("[data-live]")) {
    if ("liveEnd" in box.dataset) box.scrollTop = box.scrollHeight;
    const every = Number(box.dataset.liveEvery);
    const again = async function () {
      if (!document.hidden) {
        try {
          await look(box);
        } catch (error) {
          if (!(error instanceof TypeError)) throw error; // the server is away: the next look may find it
        }
      }
      setTimeout(again, every);
    };
    setTimeout(again, every);
  }

  // On a phone's text field Enter sends, as on a phone; Shift+Enter is a new line.
  const field = document.querySelector(".phone-form textarea");
  if (field) {
    field.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        field.form.requestSubmit();
      }
    });
  }
})();
