import { useEffect, useRef, useState } from "preact/hooks";
import { ask, events, get, post, Refused, save } from "../api";
import { Name, number, Problem, useFound, useWork } from "../parts/common";
import { family } from "../wire";

interface Line { name: string; contact: string; url: string }
export interface Answer {
  turn: string; text: string; tier: string; strategies: string[]; stage: string; feeling: string; reasons: string[]; expected: number | null;
  understood: { emotion: string; fine: string[]; valence: number | null; causes: string[]; cannot_tell: string };
  memories: { episode: string; strength: number }[]; drafts: { text: string; score: number }[];
  risk: { level: string; kinds: string[]; lines: Line[] };
}
interface Persona { name: string; about: string }
interface Said { who: "person" | "companion"; text: string; answer?: Answer }
interface Episode { id: string; text: string; emotion: string; kind: string; when: number }
interface Stored { talks: { id: string; began: number }[]; episodes: number; consents: { what: string; given: boolean; words: string; when: number }[]; retention_days: number; media: string }

const CONSENT = "Yes, remember what I tell you until I say forget.";

export function Talk() {
  const [person, setPerson] = useState("me");
  const [known, setKnown] = useState("me");
  const [persona, setPersona] = useState("");
  const [remember, setRemember] = useState(false);
  const [talk, setTalk] = useState<{ id: string; notice: string; tier: string }>();
  const { busy, wrong, run } = useWork();
  const there = useFound(() => get<{ personas: Persona[] }>("/v1/companion"));
  const personas = there.found?.personas ?? [];
  const begin = () =>
    run(async () => {
      const reply = await post("/v1/companion", { person, persona, locale: navigator.language, remember, consent: remember ? CONSENT : "" });
      setKnown(person);
      setTalk((await reply.json()) as { id: string; notice: string; tier: string });
    });
  if (talk) return <Talking talk={talk.id} notice={talk.notice} person={person} leave={() => setTalk(undefined)} />;
  return (
    <>
      <h1>Talk</h1>
      <div class="columns">
        <form class="card" onSubmit={(event) => { event.preventDefault(); void begin(); }}>
          <p>A companion that reads what you write, plans how to answer, and says why. It is a program, it can be wrong, and nothing it says is a diagnosis.</p>
          <div class="row">
            <label>What shall it know you as? <Name value={person} set={setPerson} left={setKnown} /></label>
            <label>Persona <select value={persona} onChange={(event) => setPersona(event.currentTarget.value)}>
              <option value="">as the server is set up</option>
              {personas.map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}
            </select></label>
          </div>
          {persona && <p class="small soft">{personas.find((one) => one.name === persona)?.about}</p>}
          <div class="row"><label><input type="checkbox" checked={remember} onChange={(event) => setRemember(event.currentTarget.checked)} />{CONSENT}</label></div>
          <button class="main" disabled={busy}>Begin</button>
          {(wrong || there.wrong) && <Problem>{wrong || there.wrong}</Problem>}
        </form>
        {known && <Memory key={known} person={known} />}
      </div>
    </>
  );
}

function Talking({ talk, notice, person, leave }: { talk: string; notice: string; person: string; leave: () => void }) {
  const [said, setSaid] = useState<Said[]>([]);
  const [text, setText] = useState("");
  const [coming, setComing] = useState("");
  const [looked, setLooked] = useState<Answer>();
  const [changed, setChanged] = useState(0);
  const { busy, wrong, run } = useWork();
  const stop = useRef<AbortController>();
  const chat = useRef<HTMLDivElement>(null);
  useEffect(() => chat.current?.scrollTo({ top: chat.current.scrollHeight }), [said, coming]);
  useEffect(() => () => stop.current?.abort(), []);
  const risk = said.findLast((one) => one.answer)?.answer?.risk;

  const say = () =>
    run(async () => {
      const words = text.trim();
      if (!words) return;
      setText("");
      setSaid((before) => [...before, { who: "person", text: words }]);
      stop.current = new AbortController();
      let heard = "";
      let whole = false;
      try {
        const reply = await post(`/v1/companion/${talk}/say`, { text: words, stream: true }, stop.current.signal);
        for await (const { event, data } of events(reply)) {
          if (event === "sentence") setComing((heard += String(data.text)));
          if (event === "error") throw new Refused(502, (data.error as { message: string }).message);
          if (event === "answer") {
            const answer = data as unknown as Answer;
            whole = true;
            setSaid((before) => [...before, { who: "companion", text: answer.text, answer }]);
            setLooked(answer);
          }
        }
        if (!whole) throw new Error("The reply broke off before its end. You can go on with the talk.");
      } finally {
        if (heard && !whole) setSaid((before) => [...before, { who: "companion", text: heard }]);
        setComing("");
        setChanged((n) => n + 1);
      }
    });

  return (
    <>
      <h1>Talk</h1>
      <p class="small soft">{notice} <button class="link" onClick={leave}>End this talk</button></p>
      {risk && risk.lines.length > 0 && (
        <div class="alarm" role="alert">
          <strong>You do not have to be alone with this.</strong> People who are there now:
          <ul>{risk.lines.map((line) => <li key={line.contact}><a href={line.url} rel="noreferrer" target="_blank">{line.name}</a>: <b>{line.contact}</b></li>)}</ul>
        </div>
      )}
      <div class="columns">
        <section class="card" aria-label="The talk">
          <div class="chat" ref={chat} role="log" aria-label="What was said" aria-live="polite" tabIndex={0}>
            {!said.length && <p class="soft">Say how it is going. Beside every answer stands what was read, and why it was answered so.</p>}
            {said.map((one, k) =>
              one.answer
                ? <button key={k} class="bubble companion" aria-pressed={looked === one.answer} onClick={() => setLooked(one.answer)}>{one.text}</button>
                : <div key={k} class={`bubble ${one.who}`}>{one.text}{one.who === "companion" && <span class="small soft"> … (broken off)</span>}</div>,
            )}
            {coming && <div class="bubble companion" data-coming>{coming}</div>}
            {busy && !coming && <div class="bubble companion soft">…</div>}
          </div>
          <form class="row" onSubmit={(event) => { event.preventDefault(); void say(); }}>
            <input type="text" aria-label="What do you want to say?" value={text} autoFocus maxLength={20000} onInput={(event) => setText(event.currentTarget.value)} style={{ flex: 1 }} />
            <button class="main" disabled={busy || !text.trim()}>Say</button>
          </form>
          {wrong && <Problem>{wrong}</Problem>}
          <Mood said={said} choose={setLooked} />
        </section>
        <div>
          {looked && <Behind answer={looked} />}
          <Memory person={person} changed={changed} forgotten={leave} />
        </div>
      </div>
    </>
  );
}

function Behind({ answer }: { answer: Answer }) {
  const felt = answer.understood;
  return (
    <section class="card" aria-label="Why this answer">
      <h2>Why this answer</h2>
      <p class="chips">
        <span class={`chip ${family(felt.emotion)}`}>{felt.cannot_tell ? `cannot tell: ${felt.cannot_tell}` : `it read ${felt.emotion}`}</span>
        {answer.strategies.map((one) => <span key={one} class="chip">{one}</span>)}
      </p>
      <ul class="why">{answer.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
      <dl class="facts">
        <dt>stage</dt><dd>{answer.stage || "-"}</dd>
        <dt>worded by</dt><dd>{answer.tier}</dd>
        <dt>expected change of valence</dt><dd>{answer.expected === null ? "-" : number(answer.expected)}</dd>
        <dt>risk seen</dt><dd>{answer.risk.level}{answer.risk.kinds.length > 0 && ` (${answer.risk.kinds.join(", ")})`}</dd>
      </dl>
      {answer.drafts.length > 1 && <details><summary>{answer.drafts.length} drafts were weighed</summary><ul class="why">{answer.drafts.map((one) => <li key={one.text}>{number(one.score)} {one.text}</li>)}</ul></details>}
    </section>
  );
}

function Mood({ said, choose }: { said: Said[]; choose: (answer: Answer) => void }) {
  const read = said.flatMap((one) => (one.answer && one.answer.understood.valence !== null ? [one.answer] : []));
  if (read.length < 2) return <p class="small soft">From your second turn on a curve shows how what you write reads.</p>;
  const x = (k: number) => 20 + (k * 360) / (read.length - 1);
  const y = (answer: Answer) => 50 - (answer.understood.valence ?? 0) * 45;
  return (
    <figure style={{ margin: 0 }}>
      <figcaption class="small soft">How what you wrote reads, from unpleasant (below) to pleasant (above)</figcaption>
      <svg viewBox="0 0 400 100" width="100%" role="img" aria-label={`Mood over ${read.length} turns`} class="s0">
        <line class="grid" x1="0" x2="400" y1="50" y2="50" />
        <path class="curve" d={`M${read.map((one, k) => `${x(k)} ${y(one)}`).join(" L")}`} />
        {read.map((one, k) => <circle key={one.turn} class="turn" cx={x(k)} cy={y(one)} r="5" fill="var(--s)" onClick={() => choose(one)}><title>{one.understood.emotion}</title></circle>)}
      </svg>
    </figure>
  );
}

// Its `key` is its person, so that nobody's memory is ever shown, or forgotten, under another's name.
function Memory({ person, changed = 0, forgotten }: { person: string; changed?: number; forgotten?: () => void }) {
  const [dropped, setDropped] = useState(0);
  const work = useWork();
  const place = `/v1/people/${encodeURIComponent(person)}`;
  const look = async () => ({ stored: await get<Stored>(place), ...(await get<{ episodes: Episode[] }>(`${place}/memory`)) });
  const { found, ...looking } = useFound(look, [changed, dropped]);
  const { stored, episodes = [] } = found ?? {};
  const busy = work.busy || looking.busy;
  const wrong = work.wrong || looking.wrong;
  const drop = (path: string, then?: () => void) =>
    work.run(async () => {
      await ask(path, { method: "DELETE" });
      setDropped((n) => n + 1);
      then?.();
    });
  return (
    <section class="card" aria-label="What is stored">
      <h2>What is stored of {person}</h2>
      {stored && (
        <p class="small">
          {stored.talks.length} talk{stored.talks.length === 1 ? "" : "s"}, kept {stored.retention_days ? `${stored.retention_days} days` : "until forgotten"}; {stored.episodes} memor{stored.episodes === 1 ? "y" : "ies"}, kept until forgotten; sound and pictures: {stored.media}.
          {stored.consents.map((one) => <span key={one.when}><br />{one.given ? "agreed" : "took back"}: {one.what}{one.words && ` (“${one.words}”)`}</span>)}
        </p>
      )}
      <ul class="why">
        {episodes.map((one) => (
          <li key={one.id}>{one.text} {one.emotion && <span class="soft">({one.emotion})</span>} <button class="link" disabled={busy} aria-label={`Forget: ${one.text}`} onClick={() => void drop(`${place}/memory/${one.id}`)}>forget</button></li>
        ))}
      </ul>
      {!episodes.length && <p class="small soft">Nothing is remembered.</p>}
      <div class="row">
        {episodes.length > 0 && <button onClick={() => save(new Blob([JSON.stringify(episodes, null, 1)]), "memories.json")}>Keep a copy</button>}
        <button disabled={busy || !stored || (!stored.talks.length && !stored.episodes && !stored.consents.length)} onClick={() => void drop(place, forgotten)}>Forget everything</button>
      </div>
      {wrong && <Problem>{wrong}</Problem>}
    </section>
  );
}
