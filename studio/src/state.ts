// What the pages share: the conversations that are open, and the one that is looked at.

import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "./wire";

type Listener = () => void;

export class Shared<T> {
  private listeners = new Set<Listener>();
  constructor(private value: T) {}
  get = (): T => this.value;
  set = (value: T): void => {
    this.value = value;
    for (const tell of this.listeners) tell();
  };
  use(): T {
    const [, again] = useState(0);
    useEffect(() => {
      const tell = () => again((n) => n + 1);
      this.listeners.add(tell);
      return () => void this.listeners.delete(tell);
    }, []);
    return this.value;
  }
}

export interface Open { name: string; all: Conversation[]; chosen: number; media?: { url: string; kind: string }; told: string[] }
export const open = new Shared<Open | undefined>(undefined);
