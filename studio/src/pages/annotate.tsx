import { useMemo, useState } from "preact/hooks";
import { alpha, interval } from "../agreement";
import { save } from "../api";
import { number } from "../parts/common";
import { Turns } from "../parts/turns";
import { open } from "../state";
import { family, toLines, unversioned, type Annotation, type Conversation, type Turn } from "../wire";

export const LABELS = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"];
const SCHEME = "ekman7";

// The latest label a rater gave each turn; the machine's is what it decided on.
export function labelled(conversation: Conversation, rater: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const one of conversation.annotations) {
    if (one.layer !== "emotion" || one.scheme !== SCHEME || !one.at?.turn || one.at.chars) continue;
    if (unversioned(one.rater) === rater && one.labels?.[0]) found.set(one.at.turn, one.labels[0]);
  }
  return found;
}

export const raters = (conversation: Conversation): string[] => [
  ...new Set(conversation.annotations.filter((one) => one.layer === "emotion" && one.scheme === SCHEME && one.labels?.length).map((one) => unversioned(one.rater))),
];

export function Annotate() {
  const there = open.use();
  const conversation = there?.all[there.chosen];
  const [name, setName] = useState("me");
  const [turn, setTurn] = useState("");
  const [blind, setBlind] = useState(true);
  const [version, setVersion] = useState(0);
  const rater = `human:${name.trim() || "me"}`;
  const own = useMemo(() => (conversation ? labelled(conversation, rater) : new Map<string, string>()), [conversation, rater, version]);
  const seen = useMemo(() => (conversation && blind ? hidden(conversation, own) : conversation!), [conversation, blind, own]);
  if (!there || !conversation) return <><h1>Annotate</h1><p class="card">Nothing is open. <a href="#read">Read something first</a>, or open a .jsonl file there.</p></>;

  const give = (one: Turn, label: string, chars?: [number, number]) => {
    const scores = Object.fromEntries(LABELS.map((x) => [x, x === label ? 1 : 0]));
    const at = chars ? { turn: one.id, chars } : { turn: one.id };
    const added: Annotation = { kind: "annotation", id: newId(), layer: "emotion", scheme: SCHEME, rater, scores, labels: [label], at };
    conversation.add(added);
    setVersion((n) => n + 1);
    if (chars) return;
    const next = conversation.turns[conversation.place(one.id) + 1];
    if (next) setTurn(next.id);
  };
  const all = raters(conversation);
  const maps = new Map(all.map((one) => [one, labelled(conversation, one)]));
  const agree = (some: string[]) => told(conversation.turns.map((one) => some.flatMap((x) => maps.get(x)?.get(one.id) ?? [])));
  const others = (one: Turn) => all.filter((x) => x !== rater && maps.get(x)?.has(one.id)).map((x) => `${x}: ${maps.get(x)!.get(one.id)}`);
  const shown = (one: Turn) => (blind && !own.has(one.id) ? [] : others(one));
  const key = (event: KeyboardEvent) => {
    const label = LABELS[Number(event.key) - 1];
    const one = conversation.turns[conversation.place(turn)];
    if (label && one && !(event.target as HTMLElement).matches("input, select, textarea")) give(one, label);
  };

  return (
    <div onKeyDown={key}>
      <h1>Annotate</h1>
      <div class="row card">
        <label>You are <input class="short" type="text" value={name} maxLength={60} onInput={(event) => setName(event.currentTarget.value)} /></label>
        <label><input type="checkbox" checked={blind} onChange={(event) => setBlind(event.currentTarget.checked)} />hide the machine's labels until I gave mine</label>
        <button onClick={() => save(new Blob([toLines(there.all)]), `${there.name.replace(/\.[^.]*$/, "")}.annotated.jsonl`)}>Keep as JSON lines</button>
        <span class="soft small">Keys 1 to 7 give the label to the chosen turn; the arrows move.</span>
      </div>
      <section class="card" aria-label="Agreement">
        <h2>Agreement</h2>
        <p data-alpha>{`Krippendorff's alpha of all raters: ${agree(all)}; ${own.size} of ${conversation.turns.length} turns labelled by you.`}</p>
        <div class="scroll"><table>
          <thead><tr><th scope="col">rater</th><th scope="col" class="number">turns</th><th scope="col" class="number">alpha with you</th></tr></thead>
          <tbody>{all.map((one) => <tr key={one}><td>{one}</td><td class="number">{maps.get(one)!.size}</td><td class="number">{one === rater ? "" : agree([one, rater])}</td></tr>)}</tbody>
        </table></div>
      </section>
      <section class="card" aria-label="Turns">
        <Turns conversation={seen} chosen={turn} choose={setTurn}
          stamp={(one) => [blind, rater, own.get(one.id), spans(conversation, one, rater).length, ...shown(one)].join()}
          extra={(one) => <Labels turn={one} given={own.get(one.id)} spans={spans(conversation, one, rater)} others={shown(one)} give={give} />} />
      </section>
    </div>
  );
}

function told(units: string[][]): string {
  const value = alpha(units);
  const ends = interval(units);
  if (value === undefined) return "nothing to compare yet";
  return ends ? `${number(value)} (${number(ends[0])} to ${number(ends[1])})` : number(value);
}

// randomUUID is only there where a page came over TLS or from this machine
const newId = (): string => `h${[...crypto.getRandomValues(new Uint8Array(8))].map((one) => one.toString(16).padStart(2, "0")).join("")}`;

// What this rater said of some of a turn's words.
const spans = (conversation: Conversation, turn: Turn, rater: string): Annotation[] =>
  conversation.of(turn.id, "emotion", SCHEME).filter((one) => one.rater === rater && one.at?.chars);

function Labels({ turn, given, spans, others, give }: {
  turn: Turn; given?: string; spans: Annotation[]; others: string[]; give: (turn: Turn, label: string, chars?: [number, number]) => void;
}) {
  const [span, setSpan] = useState<[number, number]>();
  const marked = (event: Event) => {
    const field = event.currentTarget as HTMLTextAreaElement;
    const count = (k: number) => [...turn.text.slice(0, k)].length;
    setSpan(field.selectionEnd > field.selectionStart ? [count(field.selectionStart), count(field.selectionEnd)] : undefined);
  };
  return (
    <div class="row labels" role="group" aria-label={`Your label for turn ${turn.id}`}>
      {LABELS.map((label) => <button key={label} class={family(label)} aria-pressed={given === label} onClick={() => give(turn, label, span)}>{label}</button>)}
      {others.length > 0 && <span class="soft small">{others.join(" · ")}</span>}
      {spans.map((one) => <span key={one.id} class={`chip ${family(one.labels![0]!)}`}>“{[...turn.text].slice(...one.at!.chars!).join("")}” {one.labels![0]}</span>)}
      <details>
        <summary class="small">only some of the words</summary>
        <textarea readOnly aria-label={`Mark words of turn ${turn.id}`} style={{ minHeight: "2.4rem" }} onSelect={marked}>{turn.text}</textarea>
        <span class="small soft">{span ? `The next label is for characters ${span[0]} to ${span[1]}.` : "Mark words here, then give their label."}</span>
      </details>
    </div>
  );
}

// The same conversation without the machine's view of turns that are not labelled yet.
function hidden(conversation: Conversation, own: Map<string, string>): Conversation {
  const shown = Object.create(conversation) as Conversation;
  shown.of = (turn, layer, scheme) => (own.has(turn) ? conversation.of(turn, layer, scheme) : []);
  return shown;
}
