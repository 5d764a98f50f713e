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
  ready: ["报告好了：", "The report is ready:"],
  hint: ["第一行是表头；消息一列叫“内容”。有“时间”“商品”“渠道”“客户编号”等列时，报告说得更细。",
    "The first row names the columns; call that of the messages “text”. With columns such as time, product, channel and customer_id the report says more."],
  noFile: ["请先选择一个文件。", "Choose a file first."],
  noTable: ["请选择表格文件：CSV、TSV、XLSX、JSONL 或 Parquet。", "Choose a table: CSV, TSV, XLSX, JSONL or Parquet."],
  signIn: ["请先登录客服台（需要主管权限）。", "Sign in at the desk first, as a supervisor."],
  role: ["报告只对主管开放。", "Reports are for supervisors."],
  away: ["服务器没有回应，正在重试。", "The server does not answer; trying again."],
} as const;

export type Word = keyof typeof WORDS;

export const say = (word: Word, tongue: Tongue): string => WORDS[word][tongue === "zh" ? 0 : 1];

/** What the server says in English of a file that it could not use, in the words of this page. */
const FAILURES: [RegExp, string, string][] = [
  [/^no column seems to hold messages.*The file has: (.*)/s, "找不到消息所在的列，请把它的表头改成“内容”。文件里的列：$1",
    "no column seems to hold messages; call the column “text”. The file has: $1"],
  [/^(.*) holds no message that could be read.*/s, "$1 里没有可以读的消息。", "$1 holds no message that could be read."],
  [/^(.*) is no \.?\w+ workbook.*/s, "$1 打不开，请在表格软件里另存为 .xlsx 再上传。",
    "$1 cannot be opened; save it as .xlsx from the spreadsheet program again."],
  [/^the store holds no message of that time.*/s, "这段时间没有会话，请选更长的时间，或上传消息文件。",
    "there are no conversations of that time; choose a longer period, or upload a file."],
];

export function why(error: string, tongue: Tongue): string {
  const [said, zh, en] = FAILURES.find(([pattern]) => pattern.test(error)) ?? [/$^/, "", ""];
  return error.replace(said, tongue === "zh" ? zh : en);
}

export function messages(n: number, tongue: Tongue): string {
  return tongue === "zh" ? `${n.toLocaleString("en")} 条消息` : `${n.toLocaleString("en")} messages`;
}

export function when(iso: string, tongue: Tongue): string {
  return new Date(iso).toLocaleString(tongue === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
}
