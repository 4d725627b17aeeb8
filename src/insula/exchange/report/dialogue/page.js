for (const talk of document.querySelectorAll("ol.talk")) {
  const svg = document.createElementNS("http:\x2f/www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "threads");
  talk.append(svg);
  let pinned = null;
  const turn = (number) => talk.querySelector(`:scope > li[data-turn="${number}"]`);
  const middle = (one) => one.offsetTop + one.querySelector(".bubble").offsetHeight / 2;
  const light = (one) => {
    for (const lit of talk.querySelectorAll(".lit")) lit.classList.remove("lit");
    svg.textContent = "";
    if (!one?.dataset.because) return;
    const here = one.dataset.turn, wide = svg.clientWidth;
    one.classList.add("lit");
    for (const mark of talk.querySelectorAll("[data-for]"))
      mark.classList.toggle("lit", mark.dataset.for.split(" ").includes(here));
    for (const number of one.dataset.because.split(" ")) {
      const source = turn(number);
      if (!source || source === one) continue;
      source.classList.add("lit");
      const from = middle(source), to = middle(one), path = document.createElementNS(svg.namespaceURI, "path");
      path.setAttribute("d", `M${wide - 3} ${from}C${-wide / 4} ${from} ${-wide / 4} ${to} ${wide - 5} ${to}m-8 -5l8 5l-8 5`);
      svg.append(path);
    }
  };
  for (const one of talk.querySelectorAll(":scope > li[data-because]")) {
    one.addEventListener("mouseenter", () => pinned || light(one));
    one.addEventListener("mouseleave", () => pinned || light(null));
    one.addEventListener("focusin", () => pinned || light(one));
    one.querySelector(".bubble").addEventListener("click", (event) => {
      if (event.target.closest("a")) return;
      pinned = pinned === one ? null : one;
      light(pinned ?? one);
    });
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && light((pinned = null)));
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
