// The button that takes the nearest readable colour writes it into the field; the server judges it again.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[data-use]") : null;
  const input = document.getElementById(button?.dataset.use ?? "");
  if (!button || !(input instanceof HTMLInputElement)) return;
  event.preventDefault();
  input.value = button.value;
  document.querySelector(".sample rect")?.setAttribute("fill", button.value);
  input.focus();
});
