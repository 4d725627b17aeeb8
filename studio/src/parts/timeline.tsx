// Everybody's feelings along the conversation: a lane per person, causes as arcs, valence as a curve, doubt as hatching.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { causes, family, feeling, valence, type Conversation } from "../wire";
import { number } from "./common";

const LANE = 34;
const TOP = 70;
const CURVE = 90;
const NAMES = 110;

interface Place { x: number; width: number }

export function Timeline({ conversation, chosen, choose, at }: {
  conversation: Conversation; chosen: string; choose: (turn: string) => void; at?: number;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<[number, number]>([0, 1200]);
  const people = conversation.speakers;
  const timed = conversation.turns.every((turn) => turn.seconds) && conversation.turns.length > 0;
  const end = timed ? Math.max(...conversation.turns.map((turn) => turn.seconds![1])) : conversation.turns.length;
  const step = timed ? Math.max(4, Math.min(60, 1100 / Math.max(end, 1))) : Math.max(22, Math.min(70, 1000 / Math.max(end, 1)));
  const links = useMemo(() => causes(conversation), [conversation, conversation.annotations.length]);
  const place = (turn: string): Place => {
    const k = conversation.place(turn);
    const seconds = conversation.turns[k]?.seconds;
    return timed && seconds
      ? { x: NAMES + seconds[0] * step, width: Math.max(6, (seconds[1] - seconds[0]) * step - 1) }
      : { x: NAMES + k * step, width: step - 4 };
  };
  const width = NAMES + end * step + 20;
  const height = TOP + people.length * LANE + CURVE + 24;

  useEffect(() => {
    const there = box.current;
    if (!there) return;
    const look = () => setSeen([there.scrollLeft - 400, there.scrollLeft + there.clientWidth + 400]);
    look();
    there.addEventListener("scroll", look, { passive: true });
    return () => there.removeEventListener("scroll", look);
  }, [conversation]);
  useEffect(() => {
    if (!chosen || !box.current) return;
    const { x } = place(chosen);
    const there = box.current;
    if (x < there.scrollLeft + NAMES || x > there.scrollLeft + there.clientWidth - 60) there.scrollTo({ left: x - there.clientWidth / 2 });
  }, [chosen]);

  const visible = conversation.turns.filter((turn) => {
    const { x, width: wide } = place(turn.id);
    return x + wide > seen[0] && x < seen[1];
  });
  const base = TOP + people.length * LANE + CURVE / 2 + 8;
  return (
    <div class="timeline" ref={box} tabIndex={0} role="group" aria-label="Timeline: a lane for each person. The list below holds the same turns.">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${conversation.turns.length} turns of ${people.length} people`}>
        <defs>
          <pattern id="doubt" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" fill="var(--faint)" /><line x1="0" y1="0" x2="0" y2="6" stroke="var(--soft)" stroke-width="2" />
          </pattern>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="var(--soft)" /></marker>
        </defs>
        {people.map((who, k) => (
          <g key={who} class={`s${k % 6}`}>
            <line class="grid" x1={NAMES} x2={width} y1={TOP + k * LANE + LANE - 3} y2={TOP + k * LANE + LANE - 3} />
            <text x={4} y={TOP + k * LANE + 20} style={{ fill: "var(--s)" }}>{(who || "somebody").slice(0, 15)}</text>
          </g>
        ))}
        {links.map((link, k) => {
          if (link.from === link.to) return null;
          const from = place(link.from);
          const to = place(link.to);
          if (Math.max(from.x, to.x) < seen[0] || Math.min(from.x, to.x) > seen[1]) return null;
          const [a, b] = [from.x + from.width / 2, to.x + to.width / 2];
          const high = TOP - 8 - Math.min(55, 12 + Math.abs(b - a) / 8);
          return (
            <path key={k} class={`arc ${chosen === link.to || chosen === link.from ? "chosen" : ""}`} marker-end="url(#tip)"
              d={`M${a} ${TOP - 4} Q${(a + b) / 2} ${high} ${b} ${TOP - 4}`}>
              <title>{`${link.to} seems to come from ${link.from} (${number(link.share)})`}</title>
            </path>
          );
        })}
        {visible.map((turn) => {
          const { x, width: wide } = place(turn.id);
          const lane = people.indexOf(turn.speaker);
          const felt = feeling(conversation, turn.id);
          return (
            <rect key={turn.id} x={x} y={TOP + lane * LANE + 4} width={wide} height={LANE - 10} rx={4}
              class={`block ${felt.cannotTell ? "unsure" : family(felt.label)} ${chosen === turn.id ? "chosen" : ""}`}
              style={{ fillOpacity: felt.cannotTell ? 1 : 0.25 + 0.75 * felt.share }} onClick={() => choose(turn.id)}>
              <title>{`${turn.speaker}: ${felt.cannotTell || `${felt.label} ${number(felt.share)}`}\n${turn.text.slice(0, 160)}`}</title>
            </rect>
          );
        })}
        <line class="grid" x1={NAMES} x2={width} y1={base} y2={base} />
        <text x={4} y={base - CURVE / 2 + 14}>pleasant</text>
        <text x={4} y={base + CURVE / 2 - 2}>unpleasant</text>
        {people.map((who, k) => {
          const points = visible
            .filter((turn) => turn.speaker === who)
            .map((turn) => [place(turn.id).x + place(turn.id).width / 2, valence(conversation, turn.id)] as const)
            .filter((point): point is readonly [number, number] => point[1] !== undefined);
          const drawn = points.map(([x, y]) => `${x} ${base - (y * CURVE) / 2}`).join(" L");
          return drawn ? <path key={who} class={`curve s${k % 6}`} d={`M${drawn}`} stroke-dasharray={k ? `${8 - k} ${k + 1}` : undefined} /> : null;
        })}
        {at !== undefined && timed && <line x1={NAMES + at * step} x2={NAMES + at * step} y1={0} y2={height} stroke="var(--accent)" stroke-width="2" />}
      </svg>
    </div>
  );
}
