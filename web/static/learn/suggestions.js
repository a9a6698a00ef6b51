/** Ticking all at once, and how many are ticked. */
const list = document.getElementById("list");
const all = /** @type {HTMLInputElement} */ (document.getElementById("all"));
const chosen = document.getElementById("chosen");

function boxes() {
  return [...list.querySelectorAll('input[name^="pick."]')];
}

function count() {
  const ticked = boxes().filter((box) => box.checked).length;
  all.checked = ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
  chosen.textContent = ticked ? chosen.dataset.words.replace("{count}", ticked) : "";
  for (const button of list.querySelectorAll(".bar-of-list button")) button.disabled = !ticked;
}

if (list) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    count();
  });
  list.addEventListener("change", count);
  count();
}
