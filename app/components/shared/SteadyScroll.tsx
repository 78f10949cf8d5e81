import { ScrollRestoration, useLocation, useMatches } from "@remix-run/react";
import { Component, type MutableRefObject, useRef } from "react";
import { useLiveVersion } from "~/lib/live.ts";
import { useNonce } from "~/lib/nonce.ts";

/**
 * Remix's ScrollRestoration, made fit for a page that changes by itself: the field that somebody types in stays where it
 * is on the screen, and rows that are read again do not scroll.
 */
export function SteadyScroll() {
  const nonce = useNonce();
  const { key, pathname } = useLocation();
  const version = useLiveVersion();
  const matches = useMatches();
  const scrollY = useRef(0);
  const shared: Props = { place: key, pathname, version, matches, scrollY };
  return (
    <>
      <KeepField {...shared} />
      <ScrollRestoration nonce={nonce} />
      <StayHere {...shared} />
    </>
  );
}

interface Props {
  place: string;
  pathname: string;
  /** Only to be told: both change whenever rows may. */
  version: number;
  matches: unknown;
  /** Where the page was before ScrollRestoration had its turn. */
  scrollY: MutableRefObject<number>;
}

interface Held {
  field: Element;
  top: number;
}

/** A class, for only a class is told just before the page changes. */
class KeepField extends Component<Props> {
  override getSnapshotBeforeUpdate(): Held | null {
    const field = document.activeElement;
    return field?.matches("input, textarea, select") ? { field, top: topOf(field) } : null;
  }

  override componentDidUpdate({ pathname }: Props, _state: unknown, held: Held | null): void {
    if (pathname !== this.props.pathname) main()?.style.removeProperty("min-height");
    else if (held?.field.isConnected) scroll(topOf(held.field) - held.top);
    this.props.scrollY.current = window.scrollY;
  }

  override render() {
    return null;
  }
}

/** ScrollRestoration takes rows that were read again for a navigation, and scrolls to where that began. */
class StayHere extends Component<Props> {
  override componentDidUpdate({ place }: Props): void {
    const { scrollY } = this.props;
    if (place === this.props.place && window.scrollY !== scrollY.current) {
      window.scrollTo({ top: scrollY.current, behavior: "instant" });
    }
  }

  override render() {
    return null;
  }
}

/** A page that is too short to be scrolled so far gets room below. */
function scroll(by: number): void {
  if (by === 0) return;
  const { clientHeight, scrollHeight } = document.documentElement;
  const missing = window.scrollY + by + clientHeight - scrollHeight;
  const room = main();
  if (room && missing > 0) room.style.minHeight = `${room.offsetHeight + missing}px`;
  window.scrollBy({ top: by, behavior: "instant" });
}

const topOf = (element: Element) => element.getBoundingClientRect().top;
const main = () => document.getElementById("main");
