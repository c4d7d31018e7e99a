// The bars of a row, and what it says in words. No text is ever read as HTML.

const QUIET = 1500; // milliseconds between what is said to screen readers

const bars = names.map((name, i) => {
  const item = document.createElement("li");
  const [label, meter, value, fill] = ["span", "div", "span", "div"].map((tag) => document.createElement(tag));
  label.className = "label";
  label.textContent = name;
  meter.className = "meter";
  fill.className = "fill";
  value.className = "value";
  meter.setAttribute("role", "meter");
  meter.setAttribute("aria-label", name);
  meter.append(fill);
  const threshold = isProbability && !hasOneLabel ? (settings.thresholds?.[i] ?? 0.5) : null;
  if (threshold !== null) {
    const tick = document.createElement("div");
    tick.className = "tick";
    tick.title = `there from ${threshold.toFixed(2)} on`;
    tick.style.left = `${100 * threshold}%`;
    meter.append(tick);
  }
  item.append(label, meter, value);
  $("bars").append(item);
  return { item, meter, fill, value };
});

let shownRow = null;
let spoken = { text: "", at: 0 };

function show(row, caption) {
  $("caption").textContent = row ? caption : "nothing yet";
  if (row === shownRow && row !== null) return;
  shownRow = row;
  const present = row ? presentIn(row.values) : [];
  const all = ranges();
  bars.forEach(({ item, meter, fill, value }, i) => {
    const [low, high] = all[i];
    const level = row ? (row.values[i] - low) / (high - low) : 0;
    fill.style.width = `${100 * Math.min(1, Math.max(0, level))}%`;
    value.textContent = row ? numberText(row.values[i]) : "–";
    item.classList.toggle("present", present.includes(i));
    meter.setAttribute("aria-valuemin", low);
    meter.setAttribute("aria-valuemax", high);
    meter.setAttribute("aria-valuenow", row ? row.values[i] : low);
    meter.setAttribute("aria-valuetext", value.textContent);
  });
  const text = row ? summaryOf(row) : "–";
  $("said").textContent = text;
  const single = row && hasOneLabel && present.length ? numberText(row.values[present[0]]) : "";
  $("certainty").textContent = single;
  if (row && text !== spoken.text && performance.now() - spoken.at > QUIET) {
    spoken = { text, at: performance.now() };
    $("spoken").textContent = `${text} ${single}`;
  }
}
