// Draws a component again while time goes on by itself.
import { useEffect, useState } from "preact/hooks";

const kTickMs = 250;

export function useTick(active) {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => setTick((tick) => tick + 1), kTickMs);
    return () => clearInterval(timer);
  }, [active]);
}
