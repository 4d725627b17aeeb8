import { useMemo, useState } from "preact/hooks";
import { ask, get, post } from "../api";
import { number, Problem, useFound, useWork } from "../parts/common";
import { Table } from "./methods";

interface Metric { name: string; slice: string; score: number; low: number; high: number; n: number; baseline: number | null }
interface Study { study: string; system: string; status: string; command: string; metrics: Metric[]; notes: string[]; date: string }
interface Row { id: string; seed: number; said: string; why: string; reply: string; error: string; values: Record<string, number> }
interface Score { exam: string; answerer: string; kind: string; slice: string; metric: string; score: number; low: number; high: number; parse: number; asked: number; unasked: number }
interface Result { results: Score[]; rows?: Record<string, Row[]>; questions?: Record<string, string> }
interface Measurable { benchmarks: string[]; exams: string[] }
interface Job { id: string; state: string; done: number; of: number; told: string; result: Result | null }

export function Compare() {
  const [view, setView] = useState<"measured" | "side by side" | "pipelines">("measured");
  return (
    <>
      <h1>Compare</h1>
      <div class="row" role="group" aria-label="What to compare">
        {(["measured", "side by side", "pipelines"] as const).map((name) => (
          <button key={name} aria-pressed={view === name} class={view === name ? "main" : ""} onClick={() => setView(name)}>{name}</button>
        ))}
      </div>
      {view === "measured" && <Measured />}
      {view === "side by side" && <SideBySide />}
      {view === "pipelines" && <Pipelines />}
    </>
  );
}

// A number with its interval, as a whisker between the ends of the scale, the baseline as a tick.
export function Interval({ row, low, high }: { row: { score: number; low: number; high: number; baseline?: number | null }; low: number; high: number }) {
  const told = (value: number) => (high > 1 ? value.toFixed(1) : number(value, 3));
  return <div class="interval"><Whisker row={row} low={low} high={high} /> {told(row.low)} to {told(row.high)}</div>;
}

function Whisker({ row, low, high }: { row: { score: number; low: number; high: number; baseline?: number | null }; low: number; high: number }) {
  const x = (value: number) => 4 + (192 * (value - low)) / (high - low || 1);
  return (
    <svg width="200" height="18" viewBox="0 0 200 18" role="img" aria-label={`${number(row.score, 3)}, from ${number(row.low, 3)} to ${number(row.high, 3)}`} class="s0">
      <line class="grid" x1="4" x2="196" y1="9" y2="9" />
      <line x1={x(row.low)} x2={x(row.high)} y1="9" y2="9" stroke="var(--s)" stroke-width="4" />
      <circle cx={x(row.score)} cy="9" r="5" fill="var(--s)" />
      {row.baseline != null && <line x1={x(row.baseline)} x2={x(row.baseline)} y1="2" y2="16" stroke="var(--soft)" stroke-width="2"><title>baseline {number(row.baseline, 3)}</title></line>}
    </svg>
  );
}

function Measured() {
  const [chosen, setChosen] = useState("");
  const [sought, setSought] = useState("");
  const { found, wrong } = useFound(() => get<{ studies: Study[] }>("/v1/results"));
  const studies = found?.studies ?? [];
  const study = studies.find((one) => one.study === chosen) ?? studies[0];
  const ends = useMemo(() => {
    const all = study?.metrics.flatMap((one) => [one.low, one.high, one.baseline ?? one.low]) ?? [0, 1];
    return [Math.min(0, ...all), Math.max(...all)] as const;
  }, [study]);
  if (wrong) return <Problem>{wrong}</Problem>;
  if (!study) return <p>Loading …</p>;
  return (
    <>
      <div class="row"><label>Study <select value={study.study} onChange={(event) => setChosen(event.currentTarget.value)}>
        {studies.map((one) => <option key={one.study} value={one.study}>{one.study} ({one.status})</option>)}
      </select></label>
        <input class="short" type="search" placeholder="search its numbers" aria-label="Search its numbers" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
        <code class="small">{study.command}</code></div>
      <p class="small soft">Dots are scores, bars hold them in 95 of 100 resamplings, the upright line is the baseline. A difference inside the bars is no difference.</p>
      <Table key={study.study} head={["what", "of", "score", "95 % interval", "baseline", "n"]} rows={study.metrics.filter((one) => `${one.name} ${one.slice}`.toLowerCase().includes(sought.toLowerCase())).map((one) => [one.name, one.slice, number(one.score, 3), <Interval row={one} low={ends[0]} high={ends[1]} />, one.baseline === null ? "" : number(one.baseline, 3), one.n])} />
      {study.notes.length > 0 && <section class="card"><h2>Notes</h2><ul class="why">{study.notes.map((note) => <li key={note}>{note}</li>)}</ul></section>}
    </>
  );
}

// A job that is looked at until it ends.
function useJob(): { job?: Job; begin: (body: unknown) => Promise<Job>; stop: () => void } {
  const [job, setJob] = useState<Job>();
  const begin = async (body: unknown): Promise<Job> => {
    let found = (await (await post("/v1/evaluate", body)).json()) as Job;
    for (;;) {
      setJob(found);
      if (!["waiting", "running"].includes(found.state)) return found;
      await new Promise((done) => setTimeout(done, 700));
      found = await get<Job>(`/v1/jobs/${found.id}`);
    }
  };
  return { job, begin, stop: () => void (job && ask(`/v1/jobs/${job.id}`, { method: "DELETE" })) };
}

function Progress({ job, stop }: { job?: Job; stop: () => void }) {
  if (!job || !["waiting", "running"].includes(job.state)) return null;
  return (
    <div class="row" role="status">
      <progress max={job.of || undefined} value={job.of ? job.done : undefined} aria-label="Progress" /> {job.state} {job.done}{job.of ? ` of ${job.of}` : ""} <button onClick={stop}>Stop</button> <span class="small soft">{job.told}</span>
    </div>
  );
}

// What was found stands with what was asked for: the form may be changed meanwhile.
interface Both { exam: string; models: string[]; results: Result[] }

function SideBySide() {
  const [exam, setExam] = useState("emobench");
  const [first, setFirst] = useState("local");
  const [second, setSecond] = useState("local:base");
  const [limit, setLimit] = useState(20);
  const [place, setPlace] = useState(0);
  const [both, setBoth] = useState<Both>();
  const { job, begin, stop } = useJob();
  const { busy, wrong, run } = useWork();
  const there = useFound(() => get<Measurable>("/v1/evaluate"));
  const go = () =>
    run(async () => {
      const [models, results]: [string[], Result[]] = [[first, second], []];
      for (const model of models) {
        const done = await begin({ names: [exam], model, limit });
        if (!done.result) throw new Error(done.told || `the job was ${done.state}`);
        results.push(done.result);
      }
      setBoth({ exam, models, results });
      setPlace(0);
    });
  const rows = both?.results.map((one) => one.rows?.[both.exam] ?? []) ?? [];
  const ids = [...new Set((rows[0] ?? []).map((one) => one.id))];
  const id = ids[place];
  return (
    <>
      <form class="card row" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Exam <select value={exam} onChange={(event) => setExam(event.currentTarget.value)}>{there.found?.exams.map((one) => <option key={one}>{one}</option>)}</select></label>
        <label>Model <input class="short" type="text" value={first} onInput={(event) => setFirst(event.currentTarget.value)} /></label>
        <label>against <input class="short" type="text" value={second} onInput={(event) => setSecond(event.currentTarget.value)} /></label>
        <label>questions <input class="short" type="number" min={1} max={2000} value={limit} onInput={(event) => setLimit(Number(event.currentTarget.value))} /></label>
        <button class="main" disabled={busy}>Ask both</button>
      </form>
      <Progress job={job} stop={stop} />
      {(wrong || there.wrong) && <Problem>{wrong || there.wrong}</Problem>}
      {!both && !busy && <p class="soft">Models are named as the server knows them: local, local:base, or those it was started with. Both answer the same questions; blind rules answer beside them.</p>}
      {both && (
        <>
          <h2>{both.exam}</h2>
          <Table head={["who", "metric", "score", "95 % interval", "could be read"]} rows={both.results.flatMap((one, k) => one.results.filter((x) => x.slice === "all" && (k === 0 || x.kind === "model")).map((x) => [<b>{x.answerer}</b>, x.metric, number(x.score, 3), <Interval row={x} low={0} high={1} />, `${number(100 * x.parse, 0)} % of ${x.asked}${x.unasked ? `, ${x.unasked} never came` : ""}`]))} />
          {id && (
            <section class="card" aria-label="One item">
              <div class="row">
                <button disabled={place === 0} onClick={() => setPlace(place - 1)}>before</button>
                <b>{id}</b> ({place + 1} of {ids.length})
                <button disabled={place + 1 >= ids.length} onClick={() => setPlace(place + 1)}>next</button>
              </div>
              <p class="said">{both.results[0]?.questions?.[id]}</p>
              <div class="columns">
                {rows.map((some, k) => {
                  const row = some.find((one) => one.id === id);
                  return <div key={k}><h3>{both.models[k]}</h3>{row ? <><p class="said">{row.reply || row.error}</p><p class="small soft">{row.said ? `understood as: ${row.said}` : `could not be read: ${row.why || row.error}`}; {Object.entries(row.values).map(([name, value]) => `${name} ${number(value)}`).join(", ")}</p></> : <p>not asked</p>}</div>;
                })}
              </div>
            </section>
          )}
        </>
      )}
    </>
  );
}

interface Bench { benchmark: string; slice: string; metric: string; score: number; low: number; high: number; coverage: number; n: number; pipeline: string; baselines: Record<string, number> }

function Pipelines() {
  const [chosen, setChosen] = useState("emobank");
  const [pipeline, setPipeline] = useState("");
  const [limit, setLimit] = useState(200);
  const [measured, setMeasured] = useState<{ rows: Bench[]; report: string }>();
  const { job, begin, stop } = useJob();
  const { busy, wrong, run } = useWork();
  const there = useFound(() => get<Measurable>("/v1/evaluate"));
  const go = () =>
    run(async () => {
      const done = await begin({ names: [chosen], pipeline, limit });
      if (!done.result) throw new Error(done.told || `the job was ${done.state}`);
      const rows = done.result.results as unknown as Bench[];
      setMeasured({ rows, report: "" });
      setMeasured({ rows, report: await (await ask(`/v1/jobs/${done.id}/report`)).text() });
    });
  return (
    <>
      <form class="card row" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Benchmark <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>{there.found?.benchmarks.map((one) => <option key={one}>{one}</option>)}</select></label>
        <label>pipeline <input class="short" type="text" placeholder="its own" value={pipeline} onInput={(event) => setPipeline(event.currentTarget.value)} /></label>
        <label>texts <input class="short" type="number" min={1} value={limit} onInput={(event) => setLimit(Number(event.currentTarget.value))} /></label>
        <button class="main" disabled={busy}>Measure</button>
      </form>
      <Progress job={job} stop={stop} />
      {(wrong || there.wrong) && <Problem>{wrong || there.wrong}</Problem>}
      {!measured && !busy && <p class="soft">A pipeline is a preset or methods joined by +. Its scores come with intervals, reliability curves, confusions and the hardest texts.</p>}
      {measured && <h2>{[...new Set(measured.rows.map((one) => `${one.benchmark}, read by ${one.pipeline}`))].join("; ")}</h2>}
      {measured && <Table head={["slice", "metric", "score", "95 % interval", "answered", "beside it"]} rows={measured.rows.map((one) => [one.slice, one.metric, number(one.score, 3), <Interval row={one} low={Math.min(0, one.low)} high={Math.max(1, one.high)} />, `${number(100 * one.coverage, 0)} % of ${one.n}`, Object.entries(one.baselines).map(([name, score]) => `${name} ${number(score, 3)}`).join(", ")])} />}
      {measured?.report && <iframe title="Reliability curves and confusions" srcDoc={measured.report} sandbox="" style={{ width: "100%", height: "70vh", border: "1px solid var(--rule)", borderRadius: "12px" }} />}
    </>
  );
}
