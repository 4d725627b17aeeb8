import { useState } from "preact/hooks";
import { get } from "../api";
import { Problem, useFound } from "../parts/common";

interface Method { name: string; about: string; room: string; paper: string; licence: string; commercial_ok: boolean; measured: string; card: string }
interface Paper { id: string; title: string; kind: string; status: string; study: string }
interface Catalogue { methods: Method[]; papers: Paper[]; schemes: { name: string; title: string; layer: string; labels: string[]; paper: string }[] }

export function Methods() {
  const [sought, setSought] = useState("");
  const [view, setView] = useState<"methods" | "papers" | "schemes">("methods");
  const { found, wrong } = useFound(() => get<Catalogue>("/v1/catalogue"));
  const fits = (one: object) => JSON.stringify(one).toLowerCase().includes(sought.toLowerCase());
  const works = found?.papers.filter((one) => one.status.startsWith("works")).length ?? 0;
  return (
    <>
      <h1>Methods</h1>
      {wrong && <Problem>{wrong}</Problem>}
      <div class="row" role="group" aria-label="What to list">
        {(["methods", "papers", "schemes"] as const).map((name) => <button key={name} aria-pressed={view === name} class={view === name ? "main" : ""} onClick={() => setView(name)}>{name} {found && `(${found[name].length})`}</button>)}
        <input class="short" type="search" placeholder="search" aria-label="Search" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
      </div>
      {!found && !wrong && <p role="status">Loading …</p>}
      {found && view === "methods" && (
        <Table head={["name", "what it does", "paper", "licence", "commercial use"]} rows={found.methods.filter(fits).map((one) => [<b>{one.name}</b>, <>{one.about}{one.measured && <div class="small soft">{one.measured}</div>}{one.card && <details><summary class="small">card of the weights</summary><pre class="small" style={{ whiteSpace: "pre-wrap" }}>{one.card}</pre></details>}</>, one.paper, one.licence, one.commercial_ok ? "yes" : "no"])} />
      )}
      {found && view === "papers" && (
        <>
          <p class="soft">{works} of {found.papers.length} published systems have a study here that ran in full; nothing is claimed of the others.</p>
          <Table head={["system", "title", "status", "study"]} rows={found.papers.filter(fits).map((one) => [<b>{one.id}</b>, one.title, one.status, one.study])} />
        </>
      )}
      {found && view === "schemes" && (
        <Table head={["scheme", "what", "labels or dimensions", "paper"]} rows={found.schemes.filter(fits).map((one) => [<b>{one.name}</b>, `${one.title} (${one.layer})`, one.labels.join(", ") || "open", one.paper])} />
      )}
    </>
  );
}

// `most` rows are shown until somebody wants to see all.
export function Table({ head, rows, most = 60 }: { head: string[]; rows: preact.ComponentChildren[][]; most?: number }) {
  const [all, setAll] = useState(false);
  return (
    <div class="card scroll" tabIndex={0} role="group" aria-label="Table"><table>
      <thead><tr>{head.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
      <tbody>{!rows.length && <tr><td colSpan={head.length} class="soft">Nothing fits.</td></tr>}{rows.slice(0, all ? rows.length : most).map((row, k) => <tr key={k}>{row.map((cell, at) => <td key={at}>{cell}</td>)}</tr>)}</tbody>
    </table>
      {!all && rows.length > most && <div class="row"><button onClick={() => setAll(true)}>Show all {rows.length}</button></div>}
    </div>
  );
}
