// Each person's share of feelings over all their turns: the means of what was read, so doubt counts as much as it is.

import { family, feeling, type Conversation } from "../wire";
import { number } from "./common";

export function Speakers({ conversation }: { conversation: Conversation }) {
  return (
    <div class="speakers">
      {conversation.speakers.map((who, k) => {
        const turns = conversation.turns.filter((turn) => turn.speaker === who);
        const read = turns.map((turn) => feeling(conversation, turn.id)).filter((one) => !one.cannotTell);
        const shares = mean(read.map((one) => one.annotation!.scores));
        const told = shares.slice(0, 3).map(([label, share]) => `${label} ${number(share)}`).join(", ");
        return (
          <div key={who} class={`s${k % 6}`}>
            <b style={{ color: "var(--s)" }}>{who || "somebody"}</b>
            <div class="share" role="img" aria-label={told || "cannot tell"}>
              {shares.map(([label, share]) => <span key={label} class={family(label)} style={{ width: `${100 * share}%` }} title={`${label} ${number(share)}`} />)}
            </div>
            <span class="small soft">{turns.length} turn{turns.length === 1 ? "" : "s"}; {told || "cannot tell"}{read.length < turns.length && `; ${turns.length - read.length} cannot be told`}</span>
          </div>
        );
      })}
    </div>
  );
}

function mean(all: Record<string, number>[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const scores of all) {
    const whole = Object.values(scores).reduce((a, b) => a + b, 0) || 1;
    for (const [label, share] of Object.entries(scores)) sums.set(label, (sums.get(label) ?? 0) + share / whole / all.length);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}
