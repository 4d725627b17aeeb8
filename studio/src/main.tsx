import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, key, Refused } from "./api";
import { Annotate } from "./pages/annotate";
import { Compare } from "./pages/compare";
import { Methods } from "./pages/methods";
import { People } from "./pages/people";
import { Read } from "./pages/read";
import { Talk } from "./pages/talk";
import "./style.css";

const PAGES: Record<string, [string, () => preact.JSX.Element]> = {
  read: ["Read", Read], talk: ["Talk", Talk], annotate: ["Annotate", Annotate], compare: ["Compare", Compare], people: ["People", People],
  methods: ["Methods", Methods],
};

function Studio() {
  const here = () => (location.hash.slice(1) in PAGES ? location.hash.slice(1) : "read");
  const [page, setPage] = useState(here());
  const [locked, setLocked] = useState(false);
  useEffect(() => {
    const turn = () => { setPage(here()); document.getElementById("main")?.focus(); };
    addEventListener("hashchange", turn);
    void ask("/v1/models").catch((error: unknown) => setLocked(error instanceof Refused && error.status === 401));
    return () => removeEventListener("hashchange", turn);
  }, []);
  useEffect(() => { document.title = `${PAGES[page]![0]} · Insula studio`; }, [page]);
  const Page = PAGES[page]![1];
  return (
    <>
      <a class="skip" href={`#${page}`} onClick={() => document.getElementById("main")?.focus()}>Skip to the page</a>
      <header class="top">
        <strong>Insula</strong>
        <nav aria-label="Pages">{Object.entries(PAGES).map(([name, [title]]) => <a key={name} href={`#${name}`} aria-current={page === name ? "page" : undefined}>{title}</a>)}</nav>
        <span class="end">Read on this server, nowhere else.</span>
      </header>
      <main id="main" tabIndex={-1}>{locked ? <Unlock done={() => setLocked(false)} /> : <Page key={page} />}</main>
    </>
  );
}

function Unlock({ done }: { done: () => void }) {
  const [given, setGiven] = useState("");
  const [wrong, setWrong] = useState("");
  const open = async () => {
    key.set(given);
    try {
      await ask("/v1/models");
      done();
    } catch (error) {
      setWrong((error as Error).message);
    }
  };
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); void open(); }}>
      <h1>This server needs a key</h1>
      <label>Key <input type="password" value={given} onInput={(event) => setGiven(event.currentTarget.value)} /></label>
      <div class="row"><button class="main">Open</button>{wrong && <span role="alert">{wrong}</span>}</div>
    </form>
  );
}

render(<Studio />, document.getElementById("studio")!);
