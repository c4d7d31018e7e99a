// Rows as a table, and as a file.

const MAX_LISTED = 500;
const isListOfEvents = settings.task === "events";

function header() {
  if (isListOfEvents) return ["start", "end", "label", "probability"];
  const columns = settings.output === "probabilities" ? names.map((name) => `p(${name})`) : names;
  return ["start", "end", ...(settings.output === "numbers" ? [] : [hasOneLabel ? "label" : "labels"]), ...columns];
}

function linesOf() {
  if (isListOfEvents) return (state.events ?? []).map(({ start, end, label, probability }) => [start, end, label, probability]);
  return state.rows.map(({ start, end, values }) => {
    const labels = presentIn(values).map((i) => names[i]).join(";");
    return [start, end, ...(settings.output === "numbers" ? [] : [labels]), ...values];
  });
}

function list() {
  const lines = linesOf();
  const isShort = !isListOfEvents && settings.output !== "numbers"; // bars and lanes have the rest
  const width = isShort ? 3 : header().length;
  const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const text = (value, i) => (typeof value === "string" ? value : i < 2 ? timeText(value) : numberText(value));
  const rowOf = (tag, cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((each) => cell(tag, each)));
    return row;
  };
  $("head").replaceChildren(rowOf("th", header().slice(0, width)));
  $("rows").replaceChildren(...lines.slice(0, MAX_LISTED).map((line) => rowOf("td", line.slice(0, width).map(text))));
  const left = lines.length - MAX_LISTED;
  $("more").textContent = left > 0 ? `${left} more are in the file.` : "";
  const unit = isListOfEvents ? "event" : isOfFrames ? "frame" : "window";
  $("count").textContent = `${lines.length} ${unit}${lines.length === 1 ? "" : "s"}`;
  $("save").disabled = state.mode !== "ready" || !state.rows.length;
}

function csv() {
  const quoted = (value) => (/[",\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  return [header(), ...linesOf()].map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = `${state.name.replace(/\.[^.]*$/, "")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
