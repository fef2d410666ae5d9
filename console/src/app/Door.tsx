/** The frame of the two pages before sign-in. */

import type { ReactNode } from "react";

import { useText } from "../i18n";
import { Mark } from "./Brand";
import { LanguageSwitch } from "./LanguageSwitch";

export function Door(props: { title: string; lead: string; children: ReactNode }) {
  const { t } = useText();
  return (
    <div className="door">
      <aside className="door-art" aria-hidden="true">
        <svg viewBox="0 0 480 640" preserveAspectRatio="xMidYMid slice">
          {[340, 270, 200, 130, 62].map((radius, index) => (
            <circle
              key={radius}
              cx="240"
              cy="330"
              r={radius}
              fill="none"
              stroke="#fff"
              opacity={0.06 + index * 0.035}
            />
          ))}
          <path
            d="M-20 610C120 600 60 430 150 420s60 110 140 60 10-150-50-150"
            fill="none"
            stroke="#f0b35a"
            strokeWidth="2.5"
            strokeDasharray="2 9"
            strokeLinecap="round"
          />
          <circle cx="240" cy="330" r="9" fill="#f0b35a" />
          <circle cx="240" cy="330" r="20" fill="#f0b35a" opacity="0.22" />
        </svg>
        <p className="door-motto">{t("brand.motto")}</p>
      </aside>
      <main className="door-form">
        <div className="door-top">
          <span className="brand">
            <Mark />
            <span className="brand-name">{t("brand.name")}</span>
          </span>
          <LanguageSwitch />
        </div>
        <div className="door-body">
          <h1>{props.title}</h1>
          <p className="lead">{props.lead}</p>
          {props.children}
        </div>
      </main>
    </div>
  );
}
