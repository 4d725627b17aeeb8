for (const stage of document.querySelectorAll(".stage")) {
  const film = stage.querySelector("video, img"), canvas = stage.querySelector("canvas");
  const { people } = JSON.parse(stage.querySelector("script.seen").textContent);
  const lines = [...stage.querySelectorAll(".now li")], pen = canvas.getContext("2d");
  const colour = (style) => getComputedStyle(document.documentElement).getPropertyValue(`--s${style}`);
  const at = (cells, now) => cells.findLast((cell) => cell[0] <= now);
  const box = (person, now) => {
    for (const part of person.boxes) {
      const place = (now - part.start) / part.step, n = Math.floor(place), four = part.at.slice(4 * n, 4 * n + 4);
      if (n < 0 || four.length < 4) continue;
      const next = part.at.slice(4 * n + 4, 4 * n + 8), share = place - n;
      if (!four[2]) return null;
      return next[2] ? four.map((x, i) => x + (next[i] - x) * share) : four;
    }
    return null;
  };
  const draw = () => {
    const now = film?.currentTime || 0, wide = film?.videoWidth || film?.naturalWidth || 1280, high = film?.videoHeight || film?.naturalHeight || 720;
    const dots = devicePixelRatio || 1, size = [canvas.clientWidth * dots, canvas.clientHeight * dots].map(Math.round);
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    const scale = Math.min(size[0] / wide, size[1] / high), left = (size[0] - wide * scale) / 2, top = (size[1] - high * scale) / 2;
    pen.clearRect(0, 0, ...size);
    people.forEach((person, n) => {
      const seen = box(person, now);
      if (seen) {
        const [x, y, w, h] = seen.map((side, i) => side * scale + (i === 0 ? left : i === 1 ? top : 0));
        pen.strokeStyle = pen.fillStyle = colour(person.style);
        pen.lineWidth = 3 * dots;
        pen.strokeRect(x, y, w, h);
        pen.font = `600 ${13 * dots}px system-ui, sans-serif`;
        const label = at(person.labels, now), words = person.name + (label ? `: ${label[1]}` : ""), room = pen.measureText(words).width + 12 * dots;
        const from = Math.min(x - 1.5 * dots, size[0] - room), above = y > 22 * dots ? y - 20 * dots : y + h;
        pen.fillRect(Math.max(0, from), above, room, 20 * dots);
        pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--card");
        pen.fillText(words, Math.max(0, from) + 6 * dots, above + 14.5 * dots);
      }
      const says = Object.entries(person.says).map(([name, cells]) => [name, at(cells, now)]).filter(([, cell]) => cell && now < cell[1] + 0.01);
      lines[n].classList.toggle("away", !seen && !says.length);
      lines[n].querySelector(".says").replaceChildren(...says.flatMap(([name, cell]) => {
        const what = document.createElement("b"), line = document.createElement("span");
        what.textContent = `${name}  `;
        line.append(what, cell[2]);
        line.style.display = "block";
        return [line];
      }));
    });
  };
  const play = () => {
    draw();
    if (film && film.paused === false) requestAnimationFrame(play);
  };
  for (const event of ["play", "seeked", "timeupdate", "loadeddata", "loadedmetadata"]) film?.addEventListener(event, event === "play" ? play : draw);
  if (film?.tagName === "IMG") film.addEventListener("load", draw);
  new ResizeObserver(draw).observe(canvas);
  draw();
}
