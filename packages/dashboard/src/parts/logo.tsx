/** The mark: a horseshoe. */
export function Logo({ className }: { readonly className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className={className}>
      <rect width="32" height="32" rx="8" className="fill-brand" />
      <path
        d="M9 24.5h3.2C9.8 21.5 8.5 18 8.5 14.5a7.5 7.5 0 0 1 15 0c0 3.5-1.3 7-3.7 10H23"
        className="fill-none stroke-on-brand"
        strokeWidth="2.3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
