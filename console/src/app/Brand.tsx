/** The mark: a path that turns home. */

export function Mark({ size = 30 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="#0e5a5e" />
      <path
        d="M22.8 9.2A9.6 9.6 0 1 0 25.6 16"
        fill="none"
        stroke="#fff"
        strokeWidth="2.2"
        strokeLinecap="round"
        opacity="0.92"
      />
      <path d="M27.4 6.2 15 13.4l2.9 1.6 1.4 3z" fill="#f0b35a" />
    </svg>
  );
}
