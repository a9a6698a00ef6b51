/** The answer as customers get it: with the chat's own Markdown and styles, and as a card in Teams. */
import { icon, make } from "../widget/elements.js";
import { markdown } from "../widget/markdown.js";
import { say } from "../widget/words.js";

const styles = (name) => make("link", { rel: "stylesheet", href: new URL(name, import.meta.url).href });

/** What stands in the chat is styled by the chat alone. */
class Surface {
  /** @param {string} id @param {...string} sheets */
  constructor(id, ...sheets) {
    this.root = document.getElementById(id).attachShadow({ mode: "open" });
    this.inside = make("div", { class: "inside" });
    this.root.append(...sheets.map(styles), this.inside);
  }

  show(...children) {
    this.inside.replaceChildren(...children);
  }
}

export class Preview {
  /** @param {Record<string, string>} partner its name by language */
  constructor(partner) {
    this.partner = partner;
    this.widget = new Surface("widget-preview", "../widget/message.css", "../widget/prose.css", "shown.css");
    this.teams = new Surface("teams-preview", "../widget/prose.css", "shown.css");
  }

  /** @param {{web: any, teams: any, error: {line: number, message: string} | null} | null} told @param {string} language */
  show(told, language) {
    if (told?.error) return this.nothing(say("preview.error"), "fault");
    if (!told?.web) return this.nothing(say("preview.empty"));
    this.widget.show(this.message(told.web, language));
    this.teams.show(this.post(told.teams, language));
    return undefined;
  }

  nothing(text, kind = "none") {
    for (const surface of [this.widget, this.teams]) surface.show(make("p", { class: kind }, text));
  }

  message(activity, language) {
    const actions = activity.suggestedActions?.actions ?? [];
    const says = actions.filter((action) => action.type === "imBack");
    const rates = actions.some((action) => action.type === "postBack");
    const foot = make("div", { class: "foot" }, make("span", { class: "time" }, say("preview.time")));
    if (rates) foot.append(make("span", { class: "thumbs" }, thumb("thumb-up"), thumb("thumb-down")));
    return make(
      "div",
      { class: "message assistant first last", lang: language, "data-state": "sent" },
      make("div", { class: "who" }, make("span", { class: "face", "aria-hidden": "true" }, drawn("bot")), this.partner[language] ?? ""),
      make("div", { class: "bubble" }, markdown(activity.text)),
      foot,
      make("div", { class: "suggestions", hidden: !says.length }, ...says.map((each) => make("span", { class: "suggestion" }, each.title))),
    );
  }

  post(activity, language) {
    const card = (activity.attachments ?? []).flatMap((each) => each.content.buttons ?? []);
    return make(
      "div",
      { class: "teams", lang: language },
      make("span", { class: "teams-face", "aria-hidden": "true" }, (this.partner[language] ?? "?").slice(0, 1)),
      make(
        "div",
        { class: "teams-post" },
        make("p", { class: "teams-name" }, this.partner[language] ?? "", make("span", {}, say("preview.time"))),
        make("div", { class: "bubble teams-text" }, markdown(activity.text)),
        make("div", { class: "teams-card", hidden: !card.length }, ...card.map((each) => make("span", { class: "teams-button" }, each.title))),
        make("p", { class: "teams-feedback", hidden: !activity.channelData?.feedbackLoopEnabled }, drawn("thumb-up"), drawn("thumb-down")),
      ),
    );
  }
}

/** A symbol of the page's sprite, copied: a reference does not reach out of a shadow tree. */
function drawn(name) {
  const svg = icon(name);
  const symbol = document.getElementById(`icon-${name}`);
  svg.setAttribute("viewBox", symbol.getAttribute("viewBox"));
  svg.replaceChildren(...[...symbol.children].map((child) => child.cloneNode(true)));
  return svg;
}

function thumb(name) {
  return make("span", { class: "thumb" }, drawn(name));
}
