/** What the page says, in both languages. */

export type Tongue = "zh" | "en";

const WORDS = {
  desk: ["客服台", "Desk"],
  title: ["客户声音报告", "Voice of the customer"],
  about: ["报告什么", "Report on"],
  ours: ["本店会话", "Our conversations"],
  file: ["上传消息文件", "A file of messages"],
  period: ["时间", "Period"],
  days7: ["最近 7 天", "Last 7 days"],
  days30: ["最近 30 天", "Last 30 days"],
  days90: ["最近 90 天", "Last 90 days"],
  days0: ["全部", "All"],
  compare: ["与上一期比较", "Compare with the period before"],
  start: ["生成报告", "Make the report"],
  past: ["报告", "Reports"],
  empty: ["还没有报告。第一份通常在一分钟内完成。", "No reports yet. The first is usually done within a minute."],
  open: ["打开", "Open"],
  remove: ["删除", "Delete"],
  sure: ["删除这份报告？", "Delete this report?"],
  waiting: ["排队中", "Waiting"],
  starting: ["准备中", "Starting"],
  reading: ["正在阅读消息", "Reading messages"],
  counting: ["正在归类与统计", "Grouping and counting"],
  failed: ["没有完成", "Not finished"],
  noFile: ["请先选择一个文件。", "Choose a file first."],
  signIn: ["请先登录客服台（需要主管权限）。", "Sign in at the desk first, as a supervisor."],
  role: ["报告只对主管开放。", "Reports are for supervisors."],
  away: ["服务器没有回应，正在重试。", "The server does not answer; trying again."],
} as const;

export type Word = keyof typeof WORDS;

export const say = (word: Word, tongue: Tongue): string => WORDS[word][tongue === "zh" ? 0 : 1];

export function messages(n: number, tongue: Tongue): string {
  return tongue === "zh" ? `${n.toLocaleString("en")} 条消息` : `${n.toLocaleString("en")} messages`;
}

export function when(iso: string, tongue: Tongue): string {
  return new Date(iso).toLocaleString(tongue === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
}
