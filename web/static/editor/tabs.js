/** Where the tabs are wider than the screen, the one that is open is in sight. */
document.querySelector(".editor-tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest", behavior: "instant" });
