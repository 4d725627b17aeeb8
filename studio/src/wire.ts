// The lines of Insula's file format, and a conversation made of them.

export interface Turn { kind: "turn"; id: string; speaker: string; text: string; seconds?: [number, number]; meta?: Record<string, unknown> }
export interface Anchor { turn?: string; chars?: [number, number]; seconds?: [number, number]; speaker?: string }
export interface Annotation {
  kind: "annotation"; id: string; layer: string; scheme: string; rater: string; scores: Record<string, number>;
  labels?: string[]; possible?: string[]; because?: string[]; reason?: string; margin?: number; at?: Anchor;
}
export interface Other { kind: "signal" | "conversation"; [field: string]: unknown }
export type Line = (Turn | Annotation | Other) & { conversation?: string };

export class Conversation {
  readonly turns: Turn[] = [];
  readonly annotations: Annotation[] = [];
  readonly others: Line[] = [];
  private readonly places = new Map<string, number>();
  private readonly byTurn = new Map<string, Annotation[]>();
  private readonly byId = new Map<string, Annotation>();

  constructor(readonly id: string, lines: Line[] = []) {
    for (const line of lines) this.add(line);
  }

  add(line: Line): void {
    if (line.kind === "turn") {
      const turn = line as Turn;
      this.places.set(turn.id, this.turns.length);
      this.turns.push(turn);
    } else if (line.kind === "annotation") {
      const one = line as Annotation;
      this.annotations.push(one);
      this.byId.set(one.id, one);
      const turn = one.at?.turn ?? "";
      const there = this.byTurn.get(turn);
      if (there) there.push(one);
      else this.byTurn.set(turn, [one]);
    } else {
      this.others.push(line);
    }
  }

  // where a turn stands, from 0; -1 for one that is not here
  place(turn: string): number { return this.places.get(turn) ?? -1; }

  annotation(id: string): Annotation | undefined { return this.byId.get(id); }

  of(turn: string, layer = "", scheme = ""): Annotation[] {
    return (this.byTurn.get(turn) ?? []).filter((one) => (!layer || one.layer === layer) && (!scheme || one.scheme === scheme));
  }

  get speakers(): string[] { return [...new Set(this.turns.map((turn) => turn.speaker))]; }

  get lines(): Line[] {
    return [...this.others, ...this.turns, ...this.annotations].map((line) => ({ ...line, conversation: this.id }));
  }
}

export function conversations(text: string): Conversation[] {
  const found = new Map<string, Conversation>();
  for (const row of text.split("\n")) {
    if (!row.trim()) continue;
    const line = JSON.parse(row) as Line;
    const id = line.conversation ?? "";
    const there = found.get(id) ?? new Conversation(id);
    found.set(id, there);
    there.add(line);
  }
  return [...found.values()];
}

export const toLines = (all: Conversation[]): string =>
  all.flatMap((one) => one.lines).map((line) => JSON.stringify(line)).join("\n") + "\n";

// A method's name without its version; a person's own name may hold an "@".
export const unversioned = (rater: string): string => (rater.startsWith("human:") ? rater : rater.split("@")[0]!);

// What a turn expresses, as a person would be told: the label, what else it may be, and how sure that is.
export interface Feeling { label: string; share: number; others: [string, number][]; cannotTell: string; annotation?: Annotation }

// Schemes of a handful of feelings that people tell apart at a glance.
export const COARSE = ["ekman7", "voice9", "fer8"];

export const feeling = (conversation: Conversation, turn: string): Feeling => felt(conversation.of(turn, "emotion"));

function felt(told: Annotation[]): Feeling {
  const all = told.filter((one) => !one.at?.chars && !one.rater.startsWith("human:"));
  const one =
    all.findLast((x) => x.rater.startsWith("fuse.")) ??
    COARSE.map((scheme) => all.findLast((x) => x.scheme === scheme)).find(Boolean) ??
    all.at(-1);
  if (!one) return { label: "", share: 0, others: [], cannotTell: "not looked" };
  const ranked = Object.entries(one.scores).sort((a, b) => b[1] - a[1]);
  if (!ranked.length) return { label: "", share: 0, others: [], cannotTell: one.reason ?? "cannot tell", annotation: one };
  const label = one.labels?.[0] ?? ranked[0]![0];
  const possible = new Set(one.possible ?? []);
  const others = ranked.filter(([name]) => name !== label && possible.has(name)).slice(0, 3);
  return { label, share: one.scores[label] ?? 0, others, cannotTell: "", annotation: one };
}

// Layers that say one thing of a whole turn or of a stretch of time, as a person would want to look at them one by one.
export const LAYERS = ["emotion", "affect", "sentiment", "appraisal", "empathy", "dialogue_act", "strategy", "politeness", "intent", "risk", "conflict", "prosody"];

export function layers(conversation: Conversation): string[] {
  const there = new Set(conversation.annotations.filter((one) => (one.at?.turn || one.at?.seconds) && !one.at.chars && Object.keys(one.scores).length).map((one) => one.layer));
  return LAYERS.filter((layer) => there.has(layer));
}

// Somebody was seen or measured for some seconds, whether they spoke or not: faces and bodies are read so.
export interface Stretch { who: string; seconds: [number, number]; told: Annotation[] }

export function stretches(conversation: Conversation): Stretch[] {
  const found = new Map<string, Stretch>();
  for (const one of conversation.annotations) {
    if (!one.at?.seconds || one.at.turn || !LAYERS.includes(one.layer)) continue;
    const [who, seconds] = [one.at.speaker ?? "", one.at.seconds];
    const key = `${seconds} ${who}`;
    const there = found.get(key) ?? { who, seconds, told: [] };
    found.set(key, there);
    there.told.push(one);
  }
  return [...found.values()];
}

// What was said last in a layer, of all that is told of a turn or a stretch: the strongest score of it.
export function judgement(told: Annotation[], layer: string): Feeling {
  if (layer === "emotion") return felt(told.filter((one) => one.layer === layer));
  const one = told.findLast((x) => x.layer === layer && !x.at?.chars);
  const ranked = Object.entries(one?.scores ?? {}).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  if (!ranked.length) return { label: "", share: 0, others: [], cannotTell: one?.reason ?? "not looked", annotation: one };
  const label = one!.labels?.[0] ?? ranked[0]![0];
  return { label, share: Math.min(1, Math.abs(one!.scores[label] ?? ranked[0]![1])), others: [], cannotTell: "", annotation: one };
}

export function valence(told: Annotation[]): number | undefined {
  return told.findLast((one) => one.layer === "affect" && !one.at?.chars && "valence" in one.scores)?.scores.valence;
}

export interface Cause { from: string; to: string; share: number; annotation: Annotation }

// Which turns a feeling seems to come from: what a "caused" judgement rests on.
export function causes(conversation: Conversation): Cause[] {
  const found: Cause[] = [];
  for (const one of conversation.annotations) {
    if (one.layer !== "cause" || one.scheme !== "caused" || !one.at?.turn) continue;
    for (const id of one.because ?? []) {
      const cause = conversation.annotation(id);
      const from = cause?.scheme === "cause" ? cause.at?.turn : undefined;
      if (cause && from) found.push({ from, to: one.at.turn, share: Math.max(0, ...Object.values(cause.scores)), annotation: one });
    }
  }
  return found;
}

// What is said of a turn in sentences.
export const explanations = (conversation: Conversation, turn: string): string[] =>
  conversation.of(turn, "explanation").flatMap((one) => Object.keys(one.scores));

// The words a judgement rests on: stretches of the turn, with how much each counts.
export function evidence(conversation: Conversation, one: Annotation | undefined): { chars: [number, number]; weight: number }[] {
  return (one?.because ?? [])
    .map((id) => conversation.annotation(id))
    .filter((x): x is Annotation => x?.layer === "evidence" && x.at?.chars !== undefined)
    .map((x) => ({ chars: x.at!.chars!, weight: Math.max(0, ...Object.values(x.scores)) }));
}

const FAMILIES: Record<string, string> = {
  joy: "joy", happiness: "joy", happy: "joy", amusement: "joy", love: "joy", excitement: "joy", gratitude: "joy", pride: "joy", optimism: "joy",
  relief: "joy", admiration: "joy", approval: "joy", caring: "joy", surprise: "surprise", surprised: "surprise", realization: "surprise",
  curiosity: "surprise", sadness: "sadness", sad: "sadness", grief: "sadness", disappointment: "sadness", remorse: "sadness", fear: "fear",
  fearful: "fear", nervousness: "fear", anger: "anger", angry: "anger", annoyance: "anger", disapproval: "anger", contempt: "anger",
  disgust: "disgust", neutral: "neutral", calm: "neutral",
};
export const family = (label: string): string => FAMILIES[label] ?? (label ? "other" : "none");
