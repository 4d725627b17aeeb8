import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export const number = (value: number, places = 2): string => value.toFixed(places).replace(/^-(?=[0.]*$)/, "").replace(/^(-?)0\./, "$1.");

export function Problem({ children }: { children: ComponentChildren }) {
  return <p class="problem" role="alert">{children}</p>;
}

// A person's name as the server keeps it: it is part of an address, so neither "/" nor dots alone can be one.
export function Name({ value, set, left }: { value: string; set: (name: string) => void; left?: (name: string) => void }) {
  return (
    <input class="short" type="text" required maxLength={200} pattern="[^\/]*[^\/\s.][^\/]*" title="A name with a letter or a digit, and without “/”"
      value={value} onInput={(event) => set(event.currentTarget.value)}
      onBlur={(event) => left?.(event.currentTarget.validity.valid ? event.currentTarget.value : "")} />
  );
}

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// What the server holds, asked for anew when one of `inputs` changes: an answer to an older question changes nothing.
export function useFound<T>(look: () => Promise<T>, inputs: unknown[] = []): { found?: T; busy: boolean; wrong: string } {
  const [state, setState] = useState<{ found?: T; busy: boolean; wrong: string }>({ busy: true, wrong: "" });
  useEffect(() => {
    let newest = true;
    setState((before) => ({ ...before, busy: true }));
    look().then(
      (found) => newest && setState({ found, busy: false, wrong: "" }),
      (error: unknown) => newest && setState((before) => ({ ...before, busy: false, wrong: told(error) })),
    );
    return () => { newest = false; };
  }, inputs);
  return state;
}

// Work that somebody begins, one at a time, with its state: running, and what went wrong.
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
      setWrong(told(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, wrong, run };
}
