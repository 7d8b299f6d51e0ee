/** What is to be done at once when the emulator closes, instead of in its own time. */
export interface Endings {
  /** @returns what takes it off the list again */
  add(end: () => void): () => void;
  /** Does it all. */
  end(): void;
}

export function createEndings(): Endings {
  const waiting = new Set<() => void>();
  return {
    add(end) {
      waiting.add(end);
      return () => void waiting.delete(end);
    },
    end() {
      for (const end of [...waiting]) end();
      waiting.clear();
    },
  };
}

/**
 * Does something after some real milliseconds, or when the emulator closes.
 * @param action is told whether it closes
 * @returns what calls it off
 */
export function later(endings: Endings, milliseconds: number, action: (isClosing: boolean) => void): () => void {
  const over = (isClosing: boolean) => {
    off();
    action(isClosing);
  };
  const timer = setTimeout(over, milliseconds, false);
  const forget = endings.add(() => over(true));
  const off = () => {
    clearTimeout(timer);
    forget();
  };
  return off;
}
