"""Texts that try to run something where they are shown. What runs sets `window.hurt`."""

from playwright.async_api import Page

RUN = "window.hurt=1"
_EVENTS = (
    "<img src=x onerror={run}>",
    '<img src="x" onerror="{run}">',
    "<img src=x onerror={run}//",
    "<svg onload={run}>",
    "<svg/onload={run}>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>",
    "<svg><set onbegin={run} attributename=x>",
    "<body onload={run}>",
    "<input autofocus onfocus={run}>",
    "<select autofocus onfocus={run}>",
    "<textarea autofocus onfocus={run}>",
    "<details open ontoggle={run}>",
    "<video><source onerror={run}></video>",
    "<video src=x onerror={run}>",
    "<audio src=x onerror={run}>",
    "<marquee onstart={run}>",
    "<div style=animation-name:x onanimationstart={run}>",
    "<iframe onload={run}>",
    "<iframe srcdoc='<script>parent.{run}</script>'>",
    "<object data=x onerror={run}>",
    "<a onmouseover={run} href=#>x</a>",
    "<p tabindex=0 autofocus onfocus={run}>x",
    "<style onload={run}></style>",
    "<link rel=stylesheet href=x onerror={run}>",
    "<script>{run}</script>",
    "<ScRiPt>{run}</sCrIpT>",
    "<script src=data:text/javascript,{run}></script>",
    "<script/x>{run}</script>",
    "<scr<script>ipt>{run}</scr</script>ipt>",
    "</script><script>{run}</script>",
    "</title><script>{run}</script>",
    "</textarea><script>{run}</script>",
    "</style><script>{run}</script>",
    "--><script>{run}</script>",
    "]]><script>{run}</script>",
    "<noscript><p title='</noscript><img src=x onerror={run}>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror={run}>",
    "<template><script>{run}</script></template>",
    "<xmp><p title='</xmp><svg/onload={run}>'>",
    "<base href=javascript:{run}//>",
    "<meta http-equiv=refresh content='0;url=javascript:{run}'>",
    "<form action=javascript:{run}><button>x</button></form>",
    "<isindex action=javascript:{run} type=image>",
    "<embed src=javascript:{run}>",
    '" onmouseover={run} x="',
    "' onfocus={run} autofocus x='",
    '"><svg onload={run}>',
    "'><svg onload={run}>",
    "`><svg onload={run}>",
    "javascript:{run}",
    "[x](javascript:{run})",
    "[x](JaVaScRiPt:{run})",
    "[x](data:text/html,<script>{run}</script>)",
    '[x](https://a.example/"onmouseover="{run})',
    '![x](x" onerror="{run})',
    "<javascript:{run}>",
    "```\n<script>{run}</script>\n```",
    "**<img src=x onerror={run}>**",
    "- <svg onload={run}>",
    "${{{run}}}",
    "{{{{constructor.constructor('{run}')()}}}}",
    "{{% if 1 %}}<script>{run}</script>{{% endif %}}",
    "&lt;script&gt;{run}&lt;/script&gt;",
    "\\u003cscript\\u003e{run}\\u003c/script\\u003e",
    "\u202e<svg onload={run}>",
    "%3Cscript%3E{run}%3C/script%3E",
)
PAYLOADS = tuple(event.format(run=RUN) for event in _EVENTS)


async def is_harmless(page: Page) -> None:
    """Nothing ran, and nothing is there that could."""
    for frame in page.frames:
        assert await frame.evaluate("() => window.hurt") is None
    foreign = (
        "#main :is(script:not([type='application/json'], [nonce]), iframe, object, embed, img,"
        " video, audio, base, meta, style, marquee, math, template)"
    )
    assert await page.locator(foreign).evaluate_all("all => all.map(it => it.outerHTML)") == []
    handlers = "all => all.filter(it => [...it.attributes].some(a => a.name.startsWith('on')))"
    assert await page.locator("*").evaluate_all(f"all => ({handlers})(all).length") == 0
    own = "all => all.every(it => !it.href || new URL(it.href).origin === location.origin)"
    assert await page.locator("#main link").evaluate_all(own)
    links = await page.locator("#main a[href]").evaluate_all("all => all.map(it => it.href)")
    assert all(link.startswith(("http", "mailto:", "tel:")) for link in links)
