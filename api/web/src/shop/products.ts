/** What the demo shop sells. Prices and facts are those of configs/demo/faq_*.csv. */

export interface Said {
  zh: string;
  en: string;
}

export interface Product {
  id: string;
  name: Said;
  line: Said;
  price: number; // yuan
  tag?: Said;
  question: Said;
}

export const PRODUCTS: Product[] = [
  {
    id: "band",
    name: { zh: "星河手环", en: "Galaxy Band" },
    line: { zh: "14 天续航，5ATM 防水", en: "14 days a charge, 5ATM" },
    price: 199,
    question: { zh: "星河手环可以戴着游泳吗？", en: "Can I swim with the Galaxy Band?" },
  },
  {
    id: "pillow",
    name: { zh: "云朵枕", en: "Cloud Pillow" },
    line: { zh: "慢回弹记忆棉，两种高度", en: "Memory foam, two heights" },
    price: 199,
    tag: { zh: "试睡 30 晚", en: "30-night trial" },
    question: { zh: "云朵枕可以试睡吗？", en: "Can I try the Cloud Pillow and return it?" },
  },
  {
    id: "cooker",
    name: { zh: "小鹿电饭煲", en: "Fawn Rice Cooker" },
    line: { zh: "3 升 IH 加热，24 小时预约", en: "3 L, IH heating, 24 h preset" },
    price: 299,
    question: { zh: "小鹿电饭煲够几个人用？", en: "How many people does the Fawn Rice Cooker serve?" },
  },
  {
    id: "tea",
    name: { zh: "青禾龙井", en: "Qinghe Longjing" },
    line: { zh: "浙江新昌，雨前一级 250 克", en: "From Xinchang, Yu Qian, 250 g" },
    price: 158,
    tag: { zh: "有礼盒装", en: "Gift box" },
    question: { zh: "龙井用多少度的水泡？", en: "What water temperature for Longjing?" },
  },
  {
    id: "lamp",
    name: { zh: "光合台灯", en: "Photon Lamp" },
    line: { zh: "国 AA 级照度，Ra97", en: "AA illuminance, Ra97" },
    price: 259,
    question: { zh: "光合台灯护眼吗？", en: "Is the Photon Lamp easy on the eyes?" },
  },
  {
    id: "fan",
    name: { zh: "静音猫风扇", en: "Silent Cat Fan" },
    line: { zh: "26 分贝，桌面款可充电", en: "26 dB; desk model with battery" },
    price: 129,
    question: { zh: "静音猫风扇噪音大吗？", en: "How loud is the Silent Cat fan?" },
  },
  {
    id: "cup",
    name: { zh: "随行杯 Pro", en: "Carry Cup Pro" },
    line: { zh: "316 不锈钢，杯盖显示水温", en: "316 steel, shows the temperature" },
    price: 129,
    question: { zh: "随行杯 Pro 能保温多久？", en: "How long does the Carry Cup Pro stay hot?" },
  },
  {
    id: "earbuds",
    name: { zh: "山雀蓝牙耳机", en: "Titmouse Earbuds" },
    line: { zh: "42 分贝降噪，共 28 小时", en: "42 dB noise cancelling, 28 h" },
    price: 249,
    question: { zh: "山雀耳机一边没有声音怎么办？", en: "One Titmouse earbud has no sound." },
  },
];
