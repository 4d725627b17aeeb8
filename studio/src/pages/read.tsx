import { useEffect, useRef, useState } from "preact/hooks";
import { ask, post, save } from "../api";
import { Name, Problem, useWork } from "../parts/common";
import { canRecord, Recorder } from "../parts/recorder";
import { Speakers } from "../parts/speakers";
import { Timeline } from "../parts/timeline";
import { Turns } from "../parts/turns";
import { open, type Open } from "../state";
import { conversations, toLines, type Conversation, type Turn } from "../wire";

const BODIES = /^(audio|video|image)\//;
const NAMED = /\.(wav|flac|ogg|oga|opus|mp3|m4a|aac|wma|aiff?|amr|webm|mp4|m4v|mov|mkv|avi|mpe?g|3gp|jpe?g|png|webp|bmp|tiff?)$/i; // where a system knows no type
const PURPOSES: [string, string][] = [
  ["personal", "my own, for myself"], ["research", "research"], ["service", "a service to those who are heard"],
  ["companion", "a companion"], ["workplace", "people at work"], ["education", "pupils or students"],
];
export const FORMATS: [string, string, string][] = [
  ["application/x-ndjson", "jsonl", "JSON lines (all of it)"], ["text/csv", "csv", "CSV"], ["text/html", "html", "HTML report"],
  ["application/emotionml+xml", "emotionml", "EmotionML"], ["text/vtt", "vtt", "WebVTT"], ["application/x-elan", "eaf", "ELAN"],
];
const AGREED = "Everybody in it knows and agrees that what they express is read. The file goes to this server, is read, and is deleted.";
const EXAMPLE = `Ana: I lost my job this morning.
Ben: What? That's terrible. How did it happen?
Ana: They closed the whole office. I'm so angry, I gave them six years.
Ben: I'm so sorry. That is unfair. Is there anything I can do for you tonight?
Ana: Just stay on the phone with me for a bit. It already helps.`;

let asked = 0; // by every Read of this page: what comes after a newer one was asked for is not opened

export function Read() {
  const [text, setText] = useState("");
  const [file, setFile] = useState<File>();
  const [purpose, setPurpose] = useState("personal");
  const [agreed, setAgreed] = useState(false);
  const [person, setPerson] = useState("me");
  const [over, setOver] = useState(false);
  const [recording, setRecording] = useState<"" | "sound" | "film">("");
  const [unheard, setUnheard] = useState("");
  const { busy, wrong, run } = useWork();
  const there = open.use();
  const sensed = file ? BODIES.test(file.type) || NAMED.test(file.name) : false;

  const read = async (): Promise<Open> => {
    if (!file) return sent(text, { name: "talk.txt" });
    if (/\.(jsonl|ndjson)$/i.test(file.name) && /"kind"\s*:\s*"annotation"/.test(await file.slice(0, 200_000).text()))
      return { name: file.name, all: conversations(await file.text()), chosen: 0, told: [] };
    if (sensed) await post(`/v1/people/${encodeURIComponent(person)}/consent`, { what: "voice and face", given: true, words: `${AGREED} For: ${purpose}.` });
    const found = await sent(file, { name: file.name, purpose });
    return sensed ? { ...found, media: { url: URL.createObjectURL(file), kind: file.type.split("/")[0]! } } : found;
  };
  const begin = () =>
    run(async () => {
      const mine = ++asked;
      const found = await read();
      if (mine !== asked) return;
      const before = open.get()?.media;
      if (before) URL.revokeObjectURL(before.url);
      open.set(found);
    });
  const choose = (one: File | undefined) => {
    setFile(one);
    setRecording("");
    setAgreed(false);
  };
  const record = (what: "sound" | "film") => {
    choose(undefined);
    setUnheard("");
    setRecording(what);
  };

  return (
    <>
      <h1>Read</h1>
      <form class={`card drop ${over ? "over" : ""}`} onSubmit={(event) => { event.preventDefault(); void begin(); }}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); choose(event.dataTransfer?.files[0]); }}>
        <label for="words">Words, a chat (a line each, “Ana: …”), or drop a file here: text, chat, table, sound, picture, film</label>
        <textarea id="words" rows={5} value={text} disabled={Boolean(file)} placeholder={EXAMPLE} onInput={(event) => setText(event.currentTarget.value)} />
        <div class="row">
          <label class="button">Choose a file
            <input type="file" class="unseen" onChange={(event) => choose(event.currentTarget.files?.[0])} />
          </label>
          {canRecord() && (
            <>
              <button type="button" aria-pressed={recording === "sound"} onClick={() => record("sound")}>Record my voice</button>
              <button type="button" aria-pressed={recording === "film"} onClick={() => record("film")}>Record with camera</button>
            </>
          )}
          {file && <span>{file.name} <button type="button" class="link" onClick={() => choose(undefined)}>take it away</button></span>}
          {!text && !file && <button type="button" class="link" onClick={() => setText(EXAMPLE)}>use the example</button>}
        </div>
        {(sensed || recording) && (
          <fieldset>
            <legend>Voices and faces are biometric</legend>
            <div class="row"><label>What for? <select value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)}>
              {PURPOSES.map(([name, told]) => <option key={name} value={name}>{told}</option>)}
            </select></label>
            <label>Who says so? <Name value={person} set={setPerson} /></label></div>
            <div class="row"><label>
              <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
              {AGREED} That you agreed is noted, and forgotten with you (see Talk).
            </label></div>
            {recording && <Recorder key={recording} video={recording === "film"} agreed={agreed} failed={setUnheard} done={(one) => { setFile(one); setRecording(""); }} />}
            {unheard && <Problem>{unheard}</Problem>}
          </fieldset>
        )}
        <button class="main" disabled={busy || (!text.trim() && !file) || (sensed && !agreed)}>{busy ? "Reading …" : "Read"}</button>
        <span class="small soft beside">What is expressed is not what is felt. No output is a diagnosis.</span>
      </form>
      <div role="status" class="small soft">{busy ? "Reading …" : there ? `${there.all.length} conversation${there.all.length === 1 ? "" : "s"} open` : ""}</div>
      {wrong && <Problem>{wrong}</Problem>}
      {there && <Opened />}
    </>
  );
}

// Read by the server, which goes by the name: JSON sent as application/json would be a form of its own, not a file.
async function sent(body: File | string, query: { name: string; purpose?: string }): Promise<Open> {
  const headers = { "content-type": "application/octet-stream" };
  const reply = await ask(`/v1/read?${new URLSearchParams(query)}`, { method: "POST", body, headers });
  const told = ["insula-disclosure", "insula-problems"].map((x) => reply.headers.get(x) ?? "").filter(Boolean);
  return { name: query.name, all: conversations(await reply.text()), chosen: 0, told };
}

function Opened() {
  const there = open.use()!;
  const [turn, setTurn] = useState("");
  const [at, setAt] = useState<number>();
  const [who, setWho] = useState("");
  const player = useRef<HTMLVideoElement>(null);
  const { busy, wrong, run } = useWork();
  const conversation = there.all[there.chosen];
  useEffect(() => { setTurn(""); setWho(""); }, [conversation]);
  if (!conversation) return <Problem>Nothing was found in it.</Problem>;
  const seek = (seconds: number) => {
    if (player.current) player.current.currentTime = seconds;
  };
  const choose = (id: string) => {
    setTurn(id);
    const seconds = conversation.turns[conversation.place(id)]?.seconds;
    if (seconds) seek(seconds[0]);
  };
  const follow = () => {
    const now = player.current?.currentTime ?? 0;
    setAt(now);
    const said = conversation.turns.find((one) => one.seconds && one.seconds[0] <= now && now < one.seconds[1]);
    if (said && said.id !== turn) setTurn(said.id);
  };
  const keep = (media: string, ending: string) =>
    run(async () => {
      const body = toLines(there.all);
      const name = `${there.name.replace(/\.[^.]*$/, "")}.${ending}`;
      if (ending === "jsonl") return save(new Blob([body]), name);
      const reply = await ask("/v1/convert", { method: "POST", body, headers: { "content-type": "application/x-ndjson", accept: media } });
      save(await reply.blob(), name);
    });
  return (
    <>
      {there.told.map((words) => <p key={words} class="card small">{words}</p>)}
      {there.all.length > 1 && (
        <div class="row"><label>Conversation <select value={there.chosen} onChange={(event) => open.set({ ...there, chosen: Number(event.currentTarget.value) })}>
          {there.all.slice(0, 500).map((one, k) => <option key={one.id} value={k}>{one.id}: {one.turns[0]?.text.slice(0, 60)}</option>)}
        </select></label></div>
      )}
      {there.media && (
        <div class="player">
          {there.media.kind === "video" && <video ref={player} class="media" src={there.media.url} controls onTimeUpdate={follow} />}
          {there.media.kind === "audio" && <audio ref={player as never} src={there.media.url} controls onTimeUpdate={follow} />}
          {there.media.kind === "image" && <img class="media" src={there.media.url} alt="What was read" />}
        </div>
      )}
      <section class="card" aria-label="Timeline">
        <Timeline conversation={conversation} chosen={turn} choose={choose} at={at} seek={seek} />
        {conversation.turns.length > 1 && <Speakers conversation={conversation} />}
      </section>
      <div class="row" role="group" aria-label="Export">
        <span class="soft">Keep it as</span>
        {FORMATS.map(([media, ending, name]) => <button key={ending} disabled={busy} onClick={() => void keep(media, ending)}>{name}</button>)}
      </div>
      {wrong && <Problem>{wrong}</Problem>}
      <section class="card" aria-label="Turns">
        {conversation.speakers.length > 1 && (
          <div class="row"><label>Show <select value={who} onChange={(event) => setWho(event.currentTarget.value)}>
            <option value="">everybody, as it went</option>
            <option value="by person">everybody, by person</option>
            {conversation.speakers.map((one) => <option key={one} value={`only ${one}`}>only {one || "somebody"}</option>)}
          </select></label></div>
        )}
        {conversation.turns.length > 0
          ? <Turns conversation={conversation} turns={of(conversation, who)} chosen={turn} choose={choose} />
          : <p class="soft">No words are in it.</p>}
      </section>
    </>
  );
}

function of(conversation: Conversation, who: string): Turn[] {
  if (who === "by person") return conversation.speakers.flatMap((one) => conversation.turns.filter((turn) => turn.speaker === one));
  return who ? conversation.turns.filter((turn) => `only ${turn.speaker}` === who) : conversation.turns;
}
