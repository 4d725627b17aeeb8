for (const field of document.querySelectorAll("input.search"))
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const turn of field.parentElement.querySelectorAll("[data-find]")) turn.hidden = !turn.dataset.find.includes(wanted);
  });
