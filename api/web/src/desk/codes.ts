/** What the server names by a code, in words: intents, reasons, events, kinds of entity. Unknown codes stay readable. */

import { type Language, language } from "./words";

type Table = Record<string, [zh: string, en: string]>;

const INTENTS: Table = {
  greet: ["问候", "greeting"],
  goodbye: ["告别", "goodbye"],
  thanks: ["感谢", "thanks"],
  affirm: ["肯定", "yes"],
  deny: ["否定", "no"],
  human_agent: ["转人工", "asks for a person"],
  complaint: ["投诉建议", "complaint"],
  order_status: ["订单和物流", "order status"],
  delivery_time: ["发货时效", "delivery time"],
  cancel_order: ["取消订单", "cancel order"],
  change_address: ["修改地址", "change address"],
  return_goods: ["退货", "return"],
  exchange_goods: ["换货", "exchange"],
  refund_status: ["退款进度", "refund status"],
  invoice: ["发票", "invoice"],
  coupon: ["优惠券", "coupon"],
  product_question: ["了解商品", "product question"],
  stock_question: ["库存", "stock"],
  shipping_fee: ["运费", "shipping fee"],
  payment_problem: ["支付问题", "payment problem"],
  account_problem: ["账号问题", "account problem"],
  membership: ["会员积分", "membership"],
  warranty_repair: ["保修维修", "warranty, repair"],
  out_of_scope: ["其他话题", "off topic"],
};

const DECISIONS: Table = {
  asked_for_human: ["客户要求人工", "asked for a person"],
  mood_twice: ["两次强烈不满", "very unhappy twice"],
  complaint: ["投诉", "complaint"],
  mood_without_answer: ["不满且没有可靠答案", "unhappy, and no sure answer"],
  repeated_failure: ["多次没有答上", "failed repeatedly"],
  blank: ["没有内容", "blank message"],
  ask_order_no: ["缺少订单号", "order number missing"],
  close_entries: ["几条问答都接近", "several entries are close"],
  close_intents: ["意图不够明确", "intent is not clear"],
  order_lookup: ["查询订单", "order look-up"],
  order_found: ["查到订单", "order found"],
  order_missing: ["没有这个订单", "no such order"],
  lookup_failed: ["订单查询失败", "order look-up failed"],
  sign_in_first: ["需要先登录", "sign in first"],
  greeting: ["问候", "greeting"],
  thanks: ["感谢", "thanks"],
  bye: ["告别", "goodbye"],
  who_are_you: ["询问身份", "asked who it is"],
  compliment: ["称赞", "compliment"],
  yes: ["肯定", "yes"],
  no: ["否定", "no"],
  chosen_option: ["客户选了选项", "chosen option"],
  confident_answer: ["有把握的答案", "confident answer"],
  no_confident_answer: ["没有可靠答案", "no sure answer"],
  agent_owns: ["人工接待中", "an agent serves"],
  waiting: ["等待人工", "waiting for a person"],
  out_of_hours: ["非营业时间", "out of hours"],
  transferred: ["同事转接", "transferred"],
};

const REASONS: Table = {
  silence: ["多久没有购买", "time since the last order"],
  rhythm: ["购买节奏", "rhythm of orders"],
  loyalty: ["老客程度", "loyalty"],
  "latest purchases": ["近期购买", "latest orders"],
  season: ["去年同季", "same season last year"],
  spend: ["消费水平", "spend"],
  "purchase model": ["购买模型", "purchase model"],
  conversations: ["与客服的对话", "conversations"],
};

const ENTITIES: Table = {
  order_no: ["订单号", "order"],
  phone: ["手机", "phone"],
  email: ["邮箱", "e-mail"],
  amount: ["金额", "amount"],
  date: ["日期", "date"],
  address: ["地址", "address"],
  tracking_no: ["运单号", "tracking"],
  product: ["商品", "product"],
  id_card: ["身份证", "ID card"],
  bank_card: ["银行卡", "bank card"],
};

const STATUSES: Table = {
  pending: ["待付款", "awaiting payment"],
  paid: ["已付款", "paid"],
  unpaid: ["待付款", "unpaid"],
  packing: ["备货中", "packing"],
  processing: ["处理中", "processing"],
  shipped: ["已发货", "shipped"],
  in_transit: ["运输中", "in transit"],
  out_for_delivery: ["派送中", "out for delivery"],
  delivered: ["已签收", "delivered"],
  cancelled: ["已取消", "cancelled"],
  returned: ["已退货", "returned"],
  refunded: ["已退款", "refunded"],
};

const column: Record<Language, 0 | 1> = { zh: 0, en: 1 };
const naming = (table: Table) => (code: string) =>
  table[code]?.[column[language.value]] ?? code.replace(/^(faq|intent)[._/]/, "").replaceAll("_", " ");

export const intentName = naming(INTENTS);
export const decisionName = naming(DECISIONS);
export const reasonName = naming(REASONS);
export const entityName = naming(ENTITIES);
export const statusName = naming(STATUSES);
