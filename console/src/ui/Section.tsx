import type { ReactNode } from "react";

/** A card with a heading; `extra` stands at its right. */
export function Section(props: {
  title?: ReactNode;
  extra?: ReactNode;
  help?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`section ${props.className ?? ""}`}>
      {(props.title || props.extra) && (
        <div className="section-head">
          <div>
            {props.title && <h2>{props.title}</h2>}
            {props.help && <p className="section-help">{props.help}</p>}
          </div>
          {props.extra && <div className="section-extra">{props.extra}</div>}
        </div>
      )}
      {props.children}
    </section>
  );
}
