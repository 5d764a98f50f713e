/** The note for whoever takes over: what was said in a few sentences, what was named, what is still open. */

import { entityName } from "../codes";
import * as conversation from "../state/conversation";
import { words } from "../words";
import { Icon } from "./icon";

/** Open while somebody has yet to take over; one line afterwards. */
export function HandOver() {
  const w = words.value;
  const { summary } = conversation.opened.value!;
  if (!summary?.sentences.length && !summary?.open_question) return null;
  const { sentences, entities, open_question } = summary;
  const named = [...new Map(entities.map((entity) => [`${entity.type} ${entity.value}`, entity])).values()];
  return (
    <details class="handover" open={conversation.item.value!.state === "waiting"}>
      <summary>
        <Icon name="book" /> <b>{w.summary}</b> <span>{open_question ?? sentences[0]}</span> <Icon name="down" />
      </summary>
      <div class="handover-inside">
        <ul>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {named.length > 0 && (
          <p class="named">
            {named.map(({ type, value }) => (
              <span key={type + value} class="entity">
                {entityName(type)} <b>{value}</b>
              </span>
            ))}
          </p>
        )}
        {open_question && (
          <p class="open-question">
            <b>{w.openQuestion}</b> {open_question}
          </p>
        )}
      </div>
    </details>
  );
}
