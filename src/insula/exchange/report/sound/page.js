for (const part of document.querySelectorAll(".recording")) {
  const section = part.closest("section"), audio = part.querySelector("audio");
  if (!audio) continue;
  const drawn = [...part.querySelectorAll("svg.heard")], words = [...part.querySelectorAll("text.word[data-until]")];
  const strip = part.querySelector(".strip");
  section.addEventListener("click", (event) => {
    const at = event.target.closest("[data-at]");
    if (!at) return;
    audio.currentTime = Number(at.dataset.at);
    audio.play();
  });
  audio.addEventListener("timeupdate", () => {
    const now = audio.currentTime;
    for (const svg of drawn)
      svg.querySelector(".playhead").setAttribute("transform", `translate(${now * svg.dataset.scale} 0)`);
    for (const word of words) word.classList.toggle("now", word.dataset.at <= now && now < word.dataset.until);
    const long = strip.querySelector("svg"), x = now * long.dataset.scale;
    if (!audio.paused && (x < strip.scrollLeft || x > strip.scrollLeft + strip.clientWidth * 0.8))
      strip.scrollTo({ left: Math.max(0, x - strip.clientWidth * 0.2), behavior: "smooth" });
  });
}
