for (const part of document.querySelectorAll(".recording")) {
  const section = part.closest("section"), player = part.querySelector("audio, video");
  if (!player) continue;
  const drawn = [...part.querySelectorAll("svg.heard")], words = [...part.querySelectorAll("text.word[data-until]")];
  const strip = part.querySelector(".strip");
  const follow = () => {
    const now = player.currentTime;
    for (const svg of drawn)
      svg.querySelector(".playhead").setAttribute("transform", `translate(${now * svg.dataset.scale} 0)`);
    for (const word of words) word.classList.toggle("now", word.dataset.at <= now && now < word.dataset.until);
    const long = strip?.querySelector("svg"), x = now * (long?.dataset.scale ?? 0);
    if (long && (x < strip.scrollLeft || x > strip.scrollLeft + strip.clientWidth * 0.8))
      strip.scrollTo({ left: Math.max(0, x - strip.clientWidth * 0.2), behavior: "smooth" });
  };
  section.addEventListener("click", (event) => {
    const at = event.target.closest("[data-at]");
    if (!at) return;
    player.currentTime = Number(at.dataset.at);
    player.play();
  });
  for (const svg of drawn) {
    const stops = [...new Set([...svg.querySelectorAll("[data-at]")].map((one) => Number(one.dataset.at)))].sort((a, b) => a - b);
    svg.addEventListener("keydown", (event) => {
      const now = player.currentTime, next = { ArrowRight: stops.find((at) => at > now + 0.05), ArrowLeft: stops.findLast((at) => at < now - 0.05) };
      if (event.key === " ") player.paused ? player.play() : player.pause();
      else if (event.key in next) player.currentTime = next[event.key] ?? now;
      else return;
      event.preventDefault();
    });
  }
  player.addEventListener("timeupdate", follow);
  player.addEventListener("seeked", follow);
  const moment = location.hash.match(/^#t=([\d.]+)$/);
  const begin = () => {
    player.currentTime = Number(moment[1]);
    follow();
  };
  if (moment) player.readyState ? begin() : player.addEventListener("loadedmetadata", begin, { once: true });
}
