"""What does a person see who installed Homing without its console?

The page names what happened and the commands that mend it, in both languages, and needs no script.
"""

from typing import Final

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Homing: the console is not built</title>
<style>
body { margin: 0; background: #f5f6f4; color: #1c2b33;
  font: 16px/1.7 -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
section + section { margin-top: 2.5rem; padding-top: 2rem; border-top: 1px solid #dde2df; }
pre { background: #fff; border: 1px solid #dde2df; border-radius: 8px; padding: .9rem 1.1rem; overflow: auto; }
</style>
</head>
<body>
<main>
<section>
<h1>The console is not built</h1>
<p>Homing is running: it collects events and answers under <code>/api</code>. This installation has no console,
because it is an editable install or was made with <code>HOMING_CONSOLE=skip</code>. With Node 20.19 or newer:</p>
<pre>cd console
npm ci
npm run build</pre>
<p>Then load this page again. A plain <code>pip install .</code> does the same by itself.</p>
</section>
<section lang="zh">
<h1>控制台尚未构建</h1>
<p>归航正在运行：事件照常采集，<code>/api</code> 照常响应。当前安装里没有控制台，因为它是可编辑安装，
或安装时设置了 <code>HOMING_CONSOLE=skip</code>。准备好 Node 20.19 或更高版本，执行：</p>
<pre>cd console
npm ci
npm run build</pre>
<p>完成后刷新本页即可。直接执行 <code>pip install .</code> 会自动完成这一步。</p>
</section>
</main>
</body>
</html>
"""


def how_to_build() -> str:
    """Return the page, in English and Chinese."""
    return _PAGE
