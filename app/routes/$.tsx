import { data } from "@remix-run/node";

/** Every address that nothing else takes: a real 404. */
export const loader = () => {
  throw data({ message: "There is no such page." }, { status: 404 });
};

export default function Nowhere() {
  return null;
}
