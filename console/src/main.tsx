import "./app/base.css";

import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { start } from "./i18n";

const root = document.getElementById("root");
if (root) void start().then(() => createRoot(root).render(<App />));
