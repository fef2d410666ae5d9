import { expect, it } from "vitest";

import { quiet } from "./message";

it("shows a message without opening, clicking or running anything in it", () => {
  const shown = quiet(
    `<head><style>@import url(https://fonts.example/a.css); p { color: red }</style></head><body onload="x()"><p>Hello</p><a href="https://shop.example/t/c/abc">Buy</a>
     <img src="https://shop.example/t/o/abc.gif"><img src="data:image/gif;base64,R0" alt="logo"><script>x()</script></body>`,
  );
  expect(shown).toContain("Hello");
  expect(shown).toContain('title="https://shop.example/t/c/abc"');
  expect(shown).not.toMatch(/href=|\/t\/o\/abc|<script|onload|@import/);
  expect(shown).toContain("data:image/gif");
  expect(shown).toContain("default-src 'none'");
});
