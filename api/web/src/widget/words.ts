/** Every word that the widget itself says, in both languages. */

export type Language = "zh" | "en";

const zh = {
  title: "在线客服",
  subtitle: "智能助手自动回复 · 可随时转人工",
  open: "打开客服聊天",
  close: "关闭聊天",
  unread: (n: number) => `${n} 条新回复`,
  download: "下载聊天记录",
  log: "聊天记录",
  welcome: "您好，有什么可以帮您？",
  welcomeMore: "订单、物流、退换货和商品的问题都可以直接问。",
  starters: "大家常问",
  composer: "输入消息",
  placeholder: "输入您的问题…",
  send: "发送",
  human: "转人工",
  you: "我",
  assistant: "客服助手",
  typing: "正在输入",
  choose: "请选择",
  helpful: "有帮助",
  unhelpful: "没有帮助",
  voted: "谢谢您的反馈",
  voteFailed: "反馈没有保存，请再点一次",
  sending: "发送中…",
  waiting: "网络不稳定，正在重试…",
  failed: "发送失败",
  retry: "重新发送",
  refused: "这条消息无法发送，请修改后再试",
  edit: "修改",
  offline: "网络已断开，恢复后会自动发送",
  loading: "正在载入聊天记录…",
  historyFailed: "聊天记录暂时没有载入",
  reload: "重新载入",
  handoff: "已申请人工客服",
  undelivered: "未送达",
};

const en: typeof zh = {
  title: "Customer support",
  subtitle: "Automatic replies · a human on request",
  open: "Open support chat",
  close: "Close chat",
  unread: (n: number) => (n === 1 ? "1 new reply" : `${n} new replies`),
  download: "Download transcript",
  log: "Chat messages",
  welcome: "Hello, how can I help?",
  welcomeMore: "Ask about orders, delivery, returns or our products.",
  starters: "Often asked",
  composer: "Message",
  placeholder: "Type your question…",
  send: "Send",
  human: "Talk to a human",
  you: "You",
  assistant: "Assistant",
  typing: "Typing",
  choose: "Please choose",
  helpful: "Helpful",
  unhelpful: "Not helpful",
  voted: "Thank you for the feedback",
  voteFailed: "The feedback was not saved; please press again",
  sending: "Sending…",
  waiting: "Connection trouble, retrying…",
  failed: "Not sent",
  retry: "Retry",
  refused: "This message cannot be sent; please change it",
  edit: "Edit",
  offline: "You are offline; messages go out when you are back",
  loading: "Loading the conversation…",
  historyFailed: "The conversation could not be loaded",
  reload: "Load again",
  handoff: "A human agent was asked for",
  undelivered: "not delivered",
};

export type Words = typeof zh;

export const WORDS: Record<Language, Words> = { zh, en };

/** The language of `asked` ("zh", "en", "auto"); auto follows the page, and the browser where the page does not say. */
export function languageOf(asked: string | undefined): Language {
  const tag = asked === "zh" || asked === "en" ? asked : document.documentElement.lang || navigator.language;
  return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}
