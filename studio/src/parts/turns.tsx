// The turns as text: who, what, the words that show it, what it may be, and why.

import { Component } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { causes, COARSE, evidence, explanations, family, feeling, LAYERS, unversioned, type Conversation, type Turn } from "../wire";
import { number } from "./common";

// `turns` are those to show, in their order; `extra` is drawn below each, and again where its `stamp` has changed.
export function Turns({ conversation, turns = conversation.turns, chosen, choose, extra, stamp = () => "" }: {
  conversation: Conversation; turns?: Turn[]; chosen: string; choose: (turn: string) => void;
  extra?: (turn: Turn) => preact.ComponentChildren; stamp?: (turn: Turn) => string;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-turn="${CSS.escape(chosen)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const people = conversation.speakers;
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    const there = event.target as HTMLElement;
    if (!step || there.matches("input, select, textarea")) return;
    const next = turns[Math.max(0, turns.findIndex((turn) => turn.id === chosen) + step)];
    if (!next) return;
    event.preventDefault();
    choose(next.id);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-turn="${CSS.escape(next.id)}"] button`)?.focus());
  };
  return (
    <div ref={list} onKeyDown={key}>
      {chunks(turns).map((some) => (
        <ol key={some[0]?.id} class={`turns ${turns.length > CHUNK ? "part" : ""}`}>
          {some.map((turn) => (
            <Row key={turn.id} conversation={conversation} turn={turn} colour={people.indexOf(turn.speaker) % 6}
              chosen={chosen === turn.id} choose={choose} extra={extra} stamp={stamp(turn)} />
          ))}
        </ol>
      ))}
    </div>
  );
}

// What is far away is laid out only when it comes near; asked of each turn alone, that would cost more than it saves.
const CHUNK = 40;
const chunks = (turns: Turn[]): Turn[][] => Array.from({ length: Math.ceil(turns.length / CHUNK) }, (_, k) => turns.slice(k * CHUNK, (k + 1) * CHUNK));

interface RowProps {
  conversation: Conversation; turn: Turn; colour: number; chosen: boolean; stamp: string;
  choose: (turn: string) => void; extra?: (turn: Turn) => preact.ComponentChildren;
}

// Drawn again only where something of it changed: there may be thousands.
class Row extends Component<RowProps> {
  shouldComponentUpdate({ turn, chosen, stamp }: RowProps): boolean {
    return turn !== this.props.turn || chosen !== this.props.chosen || stamp !== this.props.stamp;
  }

  render({ conversation, turn, colour, chosen, choose, extra }: RowProps) {
    return (
      <li data-turn={turn.id} class={chosen ? "chosen" : ""}>
        <div class={`who s${colour}`}>
          <b>{turn.speaker || "somebody"}</b>
          <button class="link" aria-pressed={chosen} aria-label={`Look at turn ${turn.id}`} onClick={() => choose(turn.id)}>
            {turn.seconds ? clock(turn.seconds[0]) : turn.id}
          </button>
        </div>
        <div>
          <Said conversation={conversation} turn={turn} />
          <Chips conversation={conversation} turn={turn.id} />
          {chosen && <Why conversation={conversation} turn={turn.id} choose={choose} />}
          {extra?.(turn)}
        </div>
      </li>
    );
  }
}

function Said({ conversation, turn }: { conversation: Conversation; turn: Turn }) {
  const felt = feeling(conversation, turn.id);
  const letters = [...turn.text]; // places count characters, not halves of them
  const pieces: preact.ComponentChildren[] = [];
  let at = 0;
  for (const { chars, weight } of evidence(conversation, felt.annotation).sort((a, b) => a.chars[0] - b.chars[0])) {
    if (chars[0] < at) continue;
    pieces.push(letters.slice(at, chars[0]).join(""));
    const words = letters.slice(...chars).join("");
    pieces.push(<mark class={family(felt.label)} style={{ "--w": weight }} title={`weighs ${number(weight)} for ${felt.label}`}>{words}</mark>);
    at = chars[1];
  }
  return <p class="said">{pieces}{letters.slice(at).join("")}</p>;
}

function Chips({ conversation, turn }: { conversation: Conversation; turn: string }) {
  const felt = feeling(conversation, turn);
  if (felt.cannotTell) return <div class="chips"><span class="chip cannot">cannot tell: {felt.cannotTell}</span></div>;
  return (
    <div class="chips">
      <span class={`chip ${family(felt.label)}`} style={{ "--p": felt.share }} title={`read by ${felt.annotation?.rater}`}>{felt.label} {number(felt.share)}</span>
      {felt.others.map(([label, share]) => (
        <span key={label} class={`chip perhaps ${family(label)}`} style={{ "--p": share }}>or {label} {number(share)}</span>
      ))}
    </div>
  );
}

function Why({ conversation, turn, choose }: { conversation: Conversation; turn: string; choose: (turn: string) => void }) {
  const sentences = explanations(conversation, turn);
  const from = causes(conversation).filter((link) => link.to === turn && link.from !== turn);
  return (
    <>
      <Channels conversation={conversation} turn={turn} />
      {sentences.length > 0 && <ul class="why">{sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>}
      {from.length > 0 && (
        <p class="small">
          Seems to come from{" "}
          {from.map((link, k) => (
            <span key={link.from}>{k > 0 && ", "}<button class="link" onClick={() => choose(link.from)}>turn {link.from}</button> ({number(link.share)})</span>
          ))}
        </p>
      )}
      <Layers conversation={conversation} turn={turn} />
    </>
  );
}

// What each reader says, where there are several: words, voice, face, and people.
function Channels({ conversation, turn }: { conversation: Conversation; turn: string }) {
  const raters = new Map<string, string>();
  for (const one of conversation.of(turn, "emotion")) {
    const label = one.labels?.[0];
    if (label && !one.at?.chars && (COARSE.includes(one.scheme) || one.rater.startsWith("human:"))) raters.set(unversioned(one.rater), `${label} ${number(one.scores[label] ?? 0)}`);
  }
  if (raters.size < 2) return null;
  return <p class="small soft channels">{[...raters].map(([rater, told]) => `${rater}: ${told}`).join(" · ")}</p>;
}

function Layers({ conversation, turn }: { conversation: Conversation; turn: string }) {
  const rows = LAYERS.flatMap((layer) => conversation.of(turn, layer)).filter((one) => !one.at?.chars);
  if (!rows.length) return null;
  return (
    <details>
      <summary class="small">All layers of this turn</summary>
      <div class="scroll"><table>
        <thead><tr><th scope="col">layer</th><th scope="col">what</th><th scope="col">by</th></tr></thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td>{one.layer}<br /><span class="soft">{one.scheme}</span></td>
              <td>{Object.keys(one.scores).length ? top(one.scores).map(([label, score]) => `${label} ${number(score)}`).join(", ") : `cannot tell: ${one.reason}`}</td>
              <td class="soft">{unversioned(one.rater)}</td>
            </tr>
          ))}
        </tbody>
      </table></div>
    </details>
  );
}

const top = (scores: Record<string, number>): [string, number][] =>
  Object.entries(scores).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 6);

export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
