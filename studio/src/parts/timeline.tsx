// Everybody's feelings along the conversation: a lane per person, and one per face or body that was seen as time went by, causes as arrows, valence as a curve, doubt as hatching.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { causes, family, judgement, layers, stretches, valence, type Annotation, type Conversation } from "../wire";
import { number } from "./common";

const LANE = 36;
const CURVE = 84;

interface Place { x: number; width: number }

// A turn, or with no turn's id a stretch of time in which somebody was seen.
interface Block extends Place { key: string; turn: string; who: string; text: string; told: Annotation[] }

export function Timeline({ conversation, chosen, choose, at, seek }: {
  conversation: Conversation; chosen: string; choose: (turn: string) => void; at?: number; seek?: (seconds: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<[number, number]>([0, 1200]);
  const [room, setRoom] = useState(900);
  const [layer, setLayer] = useState("emotion");
  const timed = useMemo(() => conversation.turns.every((turn) => turn.seconds), [conversation]);
  const seconds = useMemo(() => (timed ? stretches(conversation) : []), [conversation, timed, conversation.annotations.length]);
  const people = useMemo(() => [...new Set([...conversation.speakers, ...seconds.map((one) => one.who)])], [conversation, seconds]);
  const end = timed ? [...conversation.turns, ...seconds].reduce((most, one) => Math.max(most, one.seconds![1]), 0) : conversation.turns.length;
  const step = timed ? Math.max(4, (room - 16) / Math.max(end, 1)) : Math.max(26, Math.min(150, (room - 16) / Math.max(end, 1)));
  const links = useMemo(() => causes(conversation).filter((one) => one.from !== one.to), [conversation, conversation.annotations.length]);
  const shown = useMemo(() => layers(conversation), [conversation, conversation.annotations.length]);
  const top = links.length ? 66 : 10;
  const during = ([from, to]: [number, number], least: number): Place => ({ x: 4 + from * step, width: Math.max(least, (to - from) * step - 1) });
  const place = (turn: string): Place => {
    const k = conversation.place(turn);
    const spoken = conversation.turns[k]?.seconds;
    return timed && spoken ? during(spoken, 6) : { x: 4 + k * step, width: step - 4 };
  };
  const lane = (turn: string) => people.indexOf(conversation.turns[conversation.place(turn)]?.speaker ?? "");
  const width = Math.max(room, 4 + end * step + 12);
  const base = top + people.length * LANE + CURVE / 2 + 10;
  const height = base + CURVE / 2 + 8;

  useEffect(() => {
    const there = box.current;
    if (!there) return;
    const look = () => {
      setRoom(there.clientWidth);
      setSeen([there.scrollLeft - 400, there.scrollLeft + there.clientWidth + 400]);
    };
    look();
    const size = new ResizeObserver(look);
    size.observe(there);
    there.addEventListener("scroll", look, { passive: true });
    return () => { size.disconnect(); there.removeEventListener("scroll", look); };
  }, [conversation]);
  useEffect(() => {
    const there = box.current;
    if (!chosen || !there) return;
    const { x } = place(chosen);
    if (x < there.scrollLeft || x > there.scrollLeft + there.clientWidth - 60) there.scrollTo({ left: x - there.clientWidth / 2 });
  }, [chosen]);

  const there = (one: Place) => one.x + one.width > seen[0] && one.x < seen[1];
  const visible: Block[] = [
    ...seconds
      .map((one) => ({ key: `${one.who} ${one.seconds[0]}`, turn: "", who: one.who, text: "", told: one.told, ...during(one.seconds, 3) }))
      .filter((one) => there(one) && one.told.some((x) => x.layer === layer || x.layer === "affect")),
    ...conversation.turns.filter((turn) => there(place(turn.id)))
      .map((turn) => ({ key: turn.id, turn: turn.id, who: turn.speaker, text: turn.text, told: conversation.of(turn.id), ...place(turn.id) })),
  ];
  const families = [...new Set(visible.map((one) => judgement(one.told, "emotion")).filter((one) => !one.cannotTell).map((one) => family(one.label)))];
  return (
    <>
      {shown.length > 1 && (
        <div class="row"><label>Layer <select value={layer} onChange={(event) => setLayer(event.currentTarget.value)}>
          {shown.map((name) => <option key={name} value={name}>{name.replaceAll("_", " ")}</option>)}
        </select></label></div>
      )}
      <div class="lanes">
        <svg width="96" height={height} aria-hidden="true" class="names">
          {people.map((who, k) => <text key={who} class={`s${k % 6}`} x="0" y={top + k * LANE + 21} style={{ fill: "var(--s)", fontWeight: 600 }}>{shorter(who || "somebody", 12)}</text>)}
          <text x="0" y={base - CURVE / 2 + 12}>pleasant</text>
          <text x="0" y={base + CURVE / 2}>unpleasant</text>
        </svg>
        <div class="timeline" ref={box} tabIndex={0} role="group" aria-label="Timeline: a lane for each person. The list below holds the same turns.">
          <svg width={width} height={height} role="img" aria-label={`${conversation.turns.length} turns, ${people.length} lanes`}>
            <defs>
              <pattern id="doubt" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="6" height="6" fill="var(--faint)" /><line x1="0" y1="0" x2="0" y2="6" stroke="var(--soft)" stroke-width="2" />
              </pattern>
              <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="var(--ink)" /></marker>
            </defs>
            {people.map((who, k) => <line key={who} class="grid" x1="0" x2={width} y1={top + k * LANE + LANE - 2} y2={top + k * LANE + LANE - 2} />)}
            {visible.map((one) => {
              const { x, width: wide } = one;
              const row = people.indexOf(one.who);
              const felt = judgement(one.told, layer);
              const kind = felt.cannotTell ? "unsure" : layer === "emotion" ? family(felt.label) : `plain s${row % 6}`;
              return (
                <g key={one.key} onClick={() => (one.turn ? choose(one.turn) : seek?.((x - 4) / step))} class="turn">
                  <rect x={x} y={top + row * LANE + 4} width={wide} height={LANE - 12} rx={4} class={`block ${kind} ${one.turn && chosen === one.turn ? "chosen" : ""}`}
                    style={{ fillOpacity: felt.cannotTell ? 1 : 0.15 + 0.6 * felt.share }} />
                  {wide > 64 && !felt.cannotTell && <text x={x + 7} y={top + row * LANE + 20} style={{ fill: "var(--ink)" }}>{shorter(felt.label, Math.floor(wide / 8))}</text>}
                  <title>{`${one.who}: ${felt.cannotTell ? `cannot tell, ${felt.cannotTell}` : `${felt.label} ${number(felt.share)}`}\n${one.text.slice(0, 160)}`}</title>
                </g>
              );
            })}
            {links.map((link, k) => {
              const [from, to] = [place(link.from), place(link.to)];
              if (Math.max(from.x, to.x) < seen[0] || Math.min(from.x, to.x) > seen[1]) return null;
              const [a, b] = [from.x + from.width / 2, to.x + to.width / 2];
              const [high, low] = [top + lane(link.from) * LANE + 2, top + lane(link.to) * LANE + 2];
              const over = Math.max(2, top - 24 - Math.abs(b - a) / 8);
              return (
                <path key={k} class={`arc ${chosen === link.to || chosen === link.from ? "chosen" : ""}`} marker-end="url(#tip)" style={{ strokeWidth: 1 + 2 * link.share }}
                  d={`M${a} ${high} C${a} ${over} ${b} ${over} ${b} ${low}`}>
                  <title>{`${link.to} seems to come from ${link.from} (${number(link.share)})`}</title>
                </path>
              );
            })}
            <line class="grid" x1="0" x2={width} y1={base} y2={base} />
            {people.map((who, k) => {
              const points = visible
                .filter((one) => one.who === who)
                .map((one) => [one.x + one.width / 2, valence(one.told)] as const)
                .filter((point): point is readonly [number, number] => point[1] !== undefined)
                .map(([x, y]) => [x, base - (y * CURVE) / 2] as const);
              return (
                <g key={who} class={`s${k % 6}`}>
                  {points.length > 1 && <path class="curve" d={`M${points.map(([x, y]) => `${x} ${y}`).join(" L")}`} stroke-dasharray={k ? `${Math.max(3, 8 - k)} ${k + 1}` : undefined} />}
                  {step > 14 && points.map(([x, y]) => <circle key={x} cx={x} cy={y} r="3" fill="var(--s)" />)}
                </g>
              );
            })}
            {at !== undefined && timed && <line x1={4 + at * step} x2={4 + at * step} y1={0} y2={height} stroke="var(--accent)" stroke-width="2" />}
          </svg>
        </div>
      </div>
      <ul class="legend small soft">
        {layer === "emotion" && families.map((one) => <li key={one}><i class={one} />{one}</li>)}
        <li>paler: less sure</li>
        <li><i class="hatched" />cannot tell</li>
        {links.length > 0 && <li>→ seems to come from</li>}
      </ul>
    </>
  );
}

const shorter = (text: string, most: number): string => (text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text);
