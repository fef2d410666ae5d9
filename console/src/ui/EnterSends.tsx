/** Lets Enter in a field send a form whose buttons stand outside of it, in the foot of a dialog. */
export function EnterSends() {
  return <button type="submit" hidden aria-hidden tabIndex={-1} />;
}
