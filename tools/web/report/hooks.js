// What the page is like for its reader: how wide a box is, and which theme they have.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

// Of the element that the reference holds, in whole pixels, at least `least`; 0 before it is drawn.
export function useWidth(element, least = 0) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () =>
      setWidth(Math.max(least, Math.floor(element.current?.clientWidth ?? 0)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

export function useDark() {
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const change = () => setDark(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  return dark;
}
