import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Refused } from "../api";

export const number = (value: number, places = 2): string => value.toFixed(places).replace(/^-(?=[0.]*$)/, "").replace(/^(-?)0\./, "$1.");

export function Problem({ children }: { children: ComponentChildren }) {
  return <p class="problem" role="alert">{children}</p>;
}

// Work with its state: running, what went wrong, and a way to begin it.
export function useWork(): { busy: boolean; wrong: string; run: (work: () => Promise<void>) => Promise<void> } {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const running = useRef(false);
  const run = async (work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setWrong("");
    try {
      await work();
    } catch (error) {
      setWrong(error instanceof Refused || error instanceof Error ? error.message : String(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, wrong, run };
}
