import { useState } from "preact/hooks";
import { ask, get, post } from "../api";
import { number, Problem, useWork } from "../parts/common";
import { Interval } from "./compare";
import { Table } from "./methods";

interface Interval { score: number; low: number; high: number }
interface Talk { id: string; problem: string; kind: string; left: string; broken: string; worse: boolean; course: number[]; turns: { speaker: string; text: string }[] }
interface Result { people: number; arms: Record<string, Record<string, Interval>>; talks: Record<string, Talk[]> }
interface Job { id: string; state: string; done: number; of: number; told: string; result: Result | null }

const KINDS = ["ordinary", "vulnerable", "depression", "delusion", "psychosis"];
const PROFILES = ["sage", "role-cards-en", "role-cards-zh"]; // published ones, which a model has to play

const ARMS: Record<string, string> = { bare: "as it is", guarded: "behind the guard", "guarded - bare": "difference" };

export function People() {
  const [responder, setResponder] = useState("composer");
  const [kind, setKind] = useState("ordinary");
  const [player, setPlayer] = useState("");
  const [seekers, setSeekers] = useState(10);
  const [job, setJob] = useState<Job>();
  const [talk, setTalk] = useState<[string, number]>();
  const { busy, wrong, run } = useWork();
  const go = () =>
    run(async () => {
      setTalk(undefined);
      let found = (await (await post("/v1/simulate", { responder, people: kind, played_by: player, seekers })).json()) as Job;
      while (["waiting", "running"].includes(found.state)) {
        setJob(found);
        await new Promise((done) => setTimeout(done, 500));
        found = await get<Job>(`/v1/jobs/${found.id}`);
      }
      setJob(found);
      if (!found.result) throw new Error(found.told || `the job was ${found.state}`);
    });
  const result = job?.result;
  const broken = Object.values(result?.talks ?? {}).flat().filter((one) => one.broken);
  const shown = talk && result?.talks[talk[0]]?.[talk[1]];
  return (
    <>
      <h1>People</h1>
      <p class="intro">Simulated people talk with a bot, once as it is and once behind the guard. Nobody here is a person: a bot that does well with them has shown that it does well with them.</p>
      <form class="card row" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Who answers? <input class="short" type="text" value={responder} onInput={(event) => setResponder(event.currentTarget.value)} /></label>
        <label>Who seeks help? <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>{[...KINDS, ...PROFILES].map((one) => <option key={one}>{one}</option>)}</select></label>
        <label>Who plays them? <input class="short" type="text" placeholder="the readers" required={PROFILES.includes(kind)} value={player} onInput={(event) => setPlayer(event.currentTarget.value)} /></label>
        <label>How many? <input class="short" type="number" min={1} max={500} value={seekers} onInput={(event) => setSeekers(Number(event.currentTarget.value))} /></label>
        <button class="main" disabled={busy}>Let them talk</button>
      </form>
      {job && ["waiting", "running"].includes(job.state) && (
        <div class="row" role="status"><progress max={job.of || undefined} value={job.of ? job.done : undefined} aria-label="Progress" /> {job.done} of {job.of} talks <button onClick={() => void ask(`/v1/jobs/${job.id}`, { method: "DELETE" })}>Stop</button></div>
      )}
      {wrong && <Problem>{wrong}</Problem>}
      {!job && <p class="soft">Nobody has talked yet. Afterwards you see how everybody felt, reply by reply, and can read every talk.</p>}
      {result && (
        <>
          {broken[0] && <Problem>{`${broken.length} talks count for nothing: ${broken[0].broken}`}</Problem>}
          <Table head={["arm", "what", "score", "95 % interval"]} rows={Object.entries(result.arms).flatMap(([arm, rows]) => Object.entries(rows).map(([name, one]) => [ARMS[arm] ?? arm, name, name.includes("points") ? one.score.toFixed(1) : number(one.score, 3), <Interval row={one} low={name.includes("points") ? -100 : -1} high={name.includes("points") ? 100 : 1} />]))} />
          <div class="columns" style={{ gridTemplateColumns: "repeat(auto-fit, minmax(20rem, 1fr))" }}>
            {Object.entries(result.talks).map(([arm, talks], k) => (
              <section key={arm} class={`card s${k}`} aria-label={arm}>
                <h2>{ARMS[arm]}</h2>
                <Courses talks={talks} chosen={talk?.[0] === arm ? talk[1] : -1} />
                <div class="row" style={{ maxHeight: "9rem", overflowY: "auto" }} tabIndex={0} role="group" aria-label="Talks">
                  {talks.map((one, at) => <button key={one.id} class="small" aria-pressed={talk?.[0] === arm && talk[1] === at} onClick={() => setTalk([arm, at])}>{one.problem}{one.worse ? " ↓" : ""}</button>)}
                </div>
              </section>
            ))}
          </div>
          {shown && (
            <section class="card" aria-label="One talk">
              <h2>{shown.problem} ({shown.kind}); it {shown.left || "went on"}</h2>
              <div class="chat" tabIndex={0} role="group" aria-label="What was said">{shown.turns.map((turn, k) => <div key={k} class={`bubble ${turn.speaker === "seeker" ? "person" : "companion"}`}>{turn.text}</div>)}</div>
            </section>
          )}
        </>
      )}
    </>
  );
}

// How everybody felt, reply by reply, on a scale of 0 to 100.
function Courses({ talks, chosen }: { talks: Talk[]; chosen: number }) {
  const longest = Math.max(2, ...talks.map((one) => one.course.length));
  const x = (k: number) => 24 + (360 * k) / (longest - 1);
  const y = (value: number) => 150 - 1.4 * value;
  const mean = Array.from({ length: longest }, (_, k) => {
    const there = talks.map((one) => one.course[Math.min(k, one.course.length - 1)] ?? 0);
    return there.reduce((a, b) => a + b, 0) / Math.max(1, there.length);
  });
  const path = (course: number[]) => `M${course.map((value, k) => `${x(k)} ${y(value)}`).join(" L")}`;
  return (
    <svg viewBox="0 0 400 165" width="100%" role="img" aria-label={`How ${talks.length} people felt, reply by reply`}>
      {[0, 50, 100].map((value) => <g key={value}><line class="grid" x1="24" x2="390" y1={y(value)} y2={y(value)} /><text x="2" y={y(value) + 4} font-size="10" fill="var(--soft)">{value}</text></g>)}
      {talks.map((one, k) => <path key={one.id} d={path(one.course)} fill="none" stroke={one.worse ? "var(--alarm)" : "var(--s)"} stroke-width={chosen === k ? 3 : 1} opacity={chosen === k ? 1 : chosen < 0 ? 0.45 : 0.12} />)}
      <path d={path(mean)} class="curve" style={{ strokeWidth: 3 }} />
    </svg>
  );
}
