// The player: a waveform for each lane, drawn from peaks the server made, over an
// ordinary audio element that seeks by Range. The slider is the one control for where
// we are, for mouse, finger, keyboard and screen reader alike.
//
// Peaks: {"seconds": s, "lanes": [[min, max, min, max, …], …]}, each from -128 to 127.

const BAR = 3;
const GAP = 1;

export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, i) => (i ? String(part).padStart(2, "0") : part)).join(":");
}

export function bars(peaks, count) {
  // The loudest of each stretch, so that a short word never vanishes when zoomed out.
  const pairs = peaks.length / 2;
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * pairs) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * pairs) / count));
    let high = 0;
    for (let p = from; p < to && p < pairs; p += 1) {
      high = Math.max(high, -peaks[2 * p], peaks[2 * p + 1]);
    }
    return high / 128;
  });
}

function draw(canvas, peaks, share) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width) return;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const [played, ahead] = [style.color, style.getPropertyValue("outline-color")];
  const count = Math.max(1, Math.floor(width / (BAR + GAP)));
  bars(peaks, count).forEach((loud, i) => {
    const tall = Math.max(2, loud * (height - 2));
    pen.fillStyle = (i + 0.5) / count <= share ? played : ahead;
    pen.beginPath();
    pen.roundRect(i * (BAR + GAP), (height - tall) / 2, BAR, tall, 1.5);
    pen.fill();
  });
}

function start(box) {
  const audio = box.querySelector("audio");
  const seek = box.querySelector("[data-seek]");
  const button = box.querySelector("[data-play-button]");
  const speed = box.querySelector("[data-speed]");
  const now = box.querySelector("[data-now]");
  const canvases = [...box.querySelectorAll("canvas")];
  let lanes = canvases.map(() => []);

  const length = () => (Number.isFinite(audio.duration) && audio.duration)
    || Number(box.dataset.seconds) || 0;
  const redraw = () => {
    const share = length() ? audio.currentTime / length() : 0;
    canvases.forEach((canvas, i) => draw(canvas, lanes[i] || [], share));
  };
  const show = () => {
    seek.max = length();
    seek.value = audio.currentTime;
    seek.setAttribute("aria-valuetext", `${clock(audio.currentTime)} / ${clock(length())}`);
    now.textContent = clock(audio.currentTime);
    const playing = !audio.paused && !audio.ended;
    box.classList.toggle("playing", playing);
    button.setAttribute(
      "aria-label", playing ? button.dataset.pause : button.dataset.play,
    );
    redraw();
  };

  audio.controls = false;
  box.querySelector("[data-deck]").hidden = false;
  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  seek.addEventListener("input", () => { audio.currentTime = Number(seek.value); });
  speed.addEventListener("change", () => { audio.playbackRate = Number(speed.value); });
  ["timeupdate", "play", "pause", "ended", "loadedmetadata", "seeked"].forEach((name) => {
    audio.addEventListener(name, show);
  });
  new ResizeObserver(redraw).observe(box);
  new MutationObserver(redraw).observe(
    document.documentElement, { attributeFilter: ["data-theme"] },
  );
  fetch(box.dataset.peaks)
    .then((answer) => (answer.ok ? answer.json() : { lanes: [] }))
    .then((peaks) => { lanes = peaks.lanes; redraw(); });
  show();
  if (!box.hasAttribute("data-at-once")) return;
  audio.play().catch(() => {});
  button.focus({ preventScroll: true });
}

export function startPlayers(root) {
  root.querySelectorAll("[data-player]").forEach((box) => {
    if (box.dataset.started) return;
    box.dataset.started = "yes";
    start(box);
  });
}
